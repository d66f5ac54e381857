import type { ExpositionFormat } from '../../src/queries/exposition/format/exposition-format.js';
import { checkWithPromtool, isInstalled } from './prometheus.js';
import { ReferenceParser } from './reference-parser.js';

/**
 * Maximum length of a checked exposition. The parser takes a second for ten megabytes, and large expositions differ from small
 * ones only in length.
 */
const LARGEST_CHECKED_CHARACTERS = 500_000;

/** The reference parser: undefined until first needed, null if no Python interpreter here has prometheus_client installed. */
let reference: ReferenceParser | null | undefined;
let lastChecked = '';

/**
 * Checks a scraped exposition with the reference parser, and with promtool as well if it has the text format and `withPromtool`
 * is true. A checker that is not installed is skipped. An exposition is not checked if it is too long, or if it is the same as
 * the last one and `withPromtool` is false.
 *
 * @throws Error that says why the exposition is not legal
 */
export async function checkPage(page: string, format: ExpositionFormat, withPromtool = false): Promise<void> {
  if (page.length > LARGEST_CHECKED_CHARACTERS || (page === lastChecked && !withPromtool)) return;
  lastChecked = page;
  if (reference === undefined) reference = ReferenceParser.startIfInstalled() ?? null;
  await reference?.parse(page, format);
  if (!withPromtool || format !== 'text' || !isInstalled('promtool')) return;
  const { status, output } = checkWithPromtool(page);
  // Remarks about names are ignored, because the names come from the pushes of a test.
  if (status !== 0 && status !== 3) throw new Error(`promtool refuses the page: ${output}`);
}

// This file is also loaded by programs that are not tests. If a server is stopped after this hook, its last expositions are also
// checked, by a parser that ends with the test process.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    const started = reference;
    reference = undefined;
    await started?.stop();
  });
}
