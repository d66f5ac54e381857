import type { ExpositionFormat } from '../../src/queries/exposition/format/exposition-format.js';
import { checkWithPromtool, isInstalled } from './prometheus.js';
import { findReferenceInterpreter, ReferenceParser } from './reference-parser.js';

/** The parser takes a second for ten megabytes, and large pages differ from small ones in nothing but their length. */
const LARGEST_CHECKED_CHARACTERS = 500_000;

/** Null where no Python has the parser. */
let reference: ReferenceParser | null | undefined;
let lastChecked = '';

/**
 * Lets the reference parser read a page that a test has scraped, and promtool as well if it is of the text format and
 * `withPromtool`. Does nothing where they are not installed.
 *
 * @throws Error that says why the page is not legal
 */
export async function checkPage(page: string, format: ExpositionFormat, withPromtool = false): Promise<void> {
  if (page.length > LARGEST_CHECKED_CHARACTERS || (page === lastChecked && !withPromtool)) return;
  lastChecked = page;
  if (reference === undefined) reference = findReferenceInterpreter() === undefined ? null : ReferenceParser.start();
  await reference?.parse(page, format);
  if (!withPromtool || format !== 'text' || !isInstalled('promtool')) return;
  const { status, output } = checkWithPromtool(page);
  // Remarks about names are for those who have pushed them.
  if (status !== 0 && status !== 3) throw new Error(`promtool refuses the page: ${output}`);
}

// Also loaded by programs that are no tests. A server that is stopped after this hook has its last pages checked as well, by a
// parser that ends with the test process.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    const started = reference;
    reference = undefined;
    await started?.stop();
  });
}
