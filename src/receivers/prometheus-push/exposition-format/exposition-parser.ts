import { isMetricName } from '../../../outside-text/name.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import {
  type PageFormat,
  PUSHED_TYPES,
  type PushedFamily,
  type PushedSample,
  type PushedType,
} from './pushed-family.js';
import { abbreviate, SampleLine } from './sample-line.js';

const COMMENT = /^[ \t]*#[ \t]*(HELP|TYPE|UNIT)(?:[ \t](.*))?$/s;
/** The first word of a text, and what follows it. */
const WORD_AND_REST = /^[ \t]*([^ \t]+)(?:[ \t](.*))?$/s;
const LEADING_BLANKS = /^[ \t]+/;
const COMMENT_START = /^[ \t]*#/;
const BLANK_LINE = /^[ \t]*$/;

const END_OF_OPENMETRICS = '# EOF';

/** What the samples of a family may be called beside its own name. */
const SUFFIXES: Readonly<Record<PageFormat, Readonly<Partial<Record<PushedType, readonly string[]>>>>> = {
  text: { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] },
  openmetrics: {
    counter: ['_total', '_created'],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    summary: ['_sum', '_count', '_created'],
    info: ['_info'],
    gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  },
};

/**
 * With its comments a sample has three or four; millions of empty ones would keep the process from everything else for a
 * second. The second number is for small limits.
 */
const MAX_LINES_PER_SAMPLE = 10;
const ALWAYS_ALLOWED_LINES = 1_000;

/** Ten times what is kept: escapes are replaced one by one. */
const MAX_HELP_CHARACTERS = 10_000;

/**
 * The longest line, whatever the settings allow for labels: a line is read in one go, and one of 5 MiB that is all
 * escapes would hold up other requests. A thousand labels with values of 450 characters fit.
 */
const MAX_LINE_CHARACTERS = 500_000;

const SUFFIX = /_(?:bucket|sum|count|total|created|info|gsum|gcount)$/;

/** The start of a counter, histogram or summary by its sender's clock: OpenMetrics writes it among the family's samples. */
const CREATED = '_created';

/**
 * Reads a page of samples. Time and memory grow with its length alone. As lenient as Pushgateway is: families may be in
 * pieces, and `# TYPE` and `# HELP` may be missing.
 *
 * `# UNIT` is kept; exemplars and `_created` of OpenMetrics are read and left out.
 *
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 *
 * It has a step after each line, so that other requests may have their turn: a page of 5 MiB takes tenths of a second.
 *
 * @param maxSamples more are refused as soon as they are met
 * @throws ExpositionSyntaxError, and nothing else, whatever the text is
 */
export function parseExposition(
  page: string,
  format: PageFormat,
  maxSamples = Infinity,
): Generator<void, PushedFamily[]> {
  return new ExpositionParser(format, maxSamples).parse(page);
}

interface OpenFamily {
  readonly name: string;
  type: PushedType | undefined;
  help: string | undefined;
  unit: string | undefined;
  readonly samples: PushedSample[];
}

class ExpositionParser {
  private readonly families = new Map<string, OpenFamily>();
  private line = 0;
  private samples = 0;

  constructor(
    private readonly format: PageFormat,
    private readonly maxSamples: number,
  ) {}

  *parse(page: string): Generator<void, PushedFamily[]> {
    let start = 0;
    let hasEnded = false;
    while (start < page.length) {
      this.line++;
      const end = page.indexOf('\n', start);
      const text = page.slice(start, end === -1 ? page.length : end);
      if (hasEnded) this.fail(`something stands behind ${END_OF_OPENMETRICS}.`);
      if (this.format === 'openmetrics' && text === END_OF_OPENMETRICS) hasEnded = true;
      // A page that was cut off may end in the middle of a number.
      else if (end === -1)
        this.fail('the page ends in the middle of this line: every line has to end with a line feed.');
      else this.readLine(text);
      start = end === -1 ? page.length : end + 1;
      yield;
    }
    if (this.format === 'openmetrics' && !hasEnded) {
      this.line++;
      this.fail(`a page of OpenMetrics has to end with ${END_OF_OPENMETRICS}. Is it cut off, or of the text format?`);
    }
    return [...this.families.values()];
  }

  private readLine(text: string): void {
    const maxLines = this.maxSamples * MAX_LINES_PER_SAMPLE + ALWAYS_ALLOWED_LINES;
    if (this.line > maxLines) {
      this.fail(`the page has more than ${maxLines} lines. Send the rest of it in another request.`);
    }
    if (text.length > MAX_LINE_CHARACTERS) {
      this.fail(
        `the line has ${text.length} characters, the limit for one line is ${MAX_LINE_CHARACTERS}. Use fewer or shorter labels.`,
      );
    }
    if (BLANK_LINE.test(text)) return;
    if (text.endsWith('\r') && !isTextForPeople(text)) {
      this.fail(
        'the line ends with a carriage return (CR LF, as Windows writes it). Lines of a page end with a line feed alone.',
      );
    }
    if (COMMENT_START.test(text)) this.readComment(text);
    else this.addSample(new SampleLine(text, this.line, this.format).read());
  }

  private readComment(text: string): void {
    const [, kind, about = ''] = COMMENT.exec(text) ?? [];
    // Any other comment is for people, and the text format knows no units.
    if (kind === undefined || (kind === 'UNIT' && this.format === 'text')) return;
    const [, name, afterName = ''] = WORD_AND_REST.exec(about) ?? [];
    const rest = afterName.replace(LEADING_BLANKS, '');
    if (name === undefined || !isMetricName(name)) {
      this.fail(`# ${kind} has to be followed by the name of a metric, not ${abbreviate(name ?? 'nothing')}.`);
    }
    const family = this.familyOf(name);
    if (kind === 'TYPE') this.setType(family, rest.trimEnd());
    else if (kind === 'HELP') this.setHelp(family, rest);
    else this.setUnit(family, rest.trimEnd());
  }

  private setType(family: OpenFamily, text: string): void {
    if (family.type !== undefined) this.fail(`a second # TYPE of ${family.name}.`);
    if (family.samples.length > 0) this.fail(`# TYPE of ${family.name} has to stand before its samples.`);
    const type = text.toLowerCase() as PushedType;
    const known = PUSHED_TYPES[this.format];
    if (!known.includes(type)) {
      this.fail(
        `the type of ${family.name} is ${abbreviate(text) || 'missing'}; it has to be one of ${known.join(', ')}.`,
      );
    }
    family.type = type;
  }

  private setHelp(family: OpenFamily, text: string): void {
    if (text.length > MAX_HELP_CHARACTERS) {
      this.fail(`# HELP of ${family.name} has more than ${MAX_HELP_CHARACTERS} characters.`);
    }
    if (family.help !== undefined) this.fail(`a second # HELP of ${family.name}.`);
    const escapes = this.format === 'text' ? /\\(?![\\n])./gs : /\\(?![\\n"])./gs;
    // Pairs first, so that the second backslash of one is not taken for the first of another.
    const unpaired = text.replaceAll('\\\\', '');
    if (escapes.test(unpaired) || unpaired.endsWith('\\')) {
      this.fail(`# HELP of ${family.name} has a backslash that is none of \\\\ and \\n.`);
    }
    family.help = text.replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }

  private setUnit(family: OpenFamily, unit: string): void {
    if (family.unit !== undefined) this.fail(`a second # UNIT of ${family.name}.`);
    family.unit = unit;
  }

  private addSample(sample: PushedSample): void {
    if (++this.samples > this.maxSamples) {
      this.fail(
        `the page has more samples than the limit (INGEST_MAX_SAMPLES), which is ${this.maxSamples}. Send the rest of it in ` +
          'another request.',
      );
    }
    const family = this.familyOfSample(sample.name);
    const isCreated = family.name + CREATED === sample.name && family.type !== undefined;
    if (!isCreated) family.samples.push(sample);
  }

  /** The family that has the sample's name, else one that is declared to have such samples. */
  private familyOfSample(name: string): OpenFamily {
    const own = this.families.get(name);
    if (own !== undefined) return own;
    const suffix = SUFFIX.exec(name)?.[0];
    const declared = suffix === undefined ? undefined : this.families.get(name.slice(0, -suffix.length));
    const suffixes = declared?.type && SUFFIXES[this.format][declared.type];
    return suffixes?.includes(suffix!) ? declared! : this.familyOf(name);
  }

  private familyOf(name: string): OpenFamily {
    let family = this.families.get(name);
    if (family === undefined) {
      family = { name, type: undefined, help: undefined, unit: undefined, samples: [] };
      this.families.set(name, family);
    }
    return family;
  }

  private fail(reason: string): never {
    throw new ExpositionSyntaxError(this.line, reason);
  }
}

/** Whether a line is a help or a plain comment, in which a carriage return is a character like any other. */
function isTextForPeople(text: string): boolean {
  if (!COMMENT_START.test(text)) return false;
  const kind = COMMENT.exec(text)?.[1];
  return kind === undefined || kind === 'HELP';
}
