import { abbreviate } from '../../../outside-text/abbreviate.js';
import { isMetricName } from '../../../outside-text/name.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import {
  type PushedFormat,
  PUSHED_TYPES,
  type PushedFamily,
  type PushedSample,
  type PushedType,
} from './pushed-family.js';
import { SampleLine } from './sample-line.js';

const COMMENT = /^[ \t]*#[ \t]*(HELP|TYPE|UNIT)(?:[ \t](.*))?$/s;
/** Matches the first word of a text, and the rest. */
const WORD_AND_REST = /^[ \t]*([^ \t]+)(?:[ \t](.*))?$/s;
/** Matches a name in quotes, and the rest. */
const QUOTED_AND_REST = /^[ \t]*"((?:[^"\\]|\\[\\"n])+)"(?:[ \t](.*))?$/s;
const LEADING_BLANKS = /^[ \t]+/;
const COMMENT_START = /^[ \t]*#/;
const BLANK_LINE = /^[ \t]*$/;

const END_OF_OPENMETRICS = '# EOF';

/** The suffixes that the sample names of a family may have. */
const SUFFIXES: Readonly<Record<PushedFormat, Readonly<Partial<Record<PushedType, readonly string[]>>>>> = {
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
 * Maximum number of lines for each sample that the sample limit allows. A sample that is alone in its family has three or four
 * lines, including comments. Without this maximum, millions of empty lines would occupy the process for a second. The second
 * constant keeps small sample limits usable.
 */
const MAX_LINES_PER_SAMPLE = 10;
const ALWAYS_ALLOWED_LINES = 1_000;

/**
 * Maximum length of a help text, which is ten times the length that is kept. Escapes are replaced one by one, which must not take
 * long.
 */
const MAX_HELP_CHARACTERS = 10_000;

/**
 * Maximum length of a line, even if the settings allow longer labels. A line is read without interruption, and a line of 5 MiB
 * full of escapes would delay other requests. A thousand labels with values of 450 characters fit.
 */
const MAX_LINE_CHARACTERS = 500_000;

const SUFFIX = /_(?:bucket|sum|count|total|created|info|gsum|gcount)$/;

/** The suffix of the sample that gives the start time of a counter, histogram or summary in OpenMetrics. */
const CREATED = '_created';

/**
 * Reads an exposition. Time and memory are linear in its length. The parser is as lenient as Pushgateway: the lines of a family
 * need not be adjacent, and `# TYPE` and `# HELP` may be missing.
 *
 * In OpenMetrics, `# UNIT` is kept, and exemplars and `_created` samples are read and ignored.
 *
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 *
 * The generator yields after each line, so that other requests can run: an exposition of 5 MiB takes a few tenths of a second.
 *
 * @param maxSamples maximum number of samples; the first one above it is an error
 * @throws ExpositionSyntaxError, and no other error for any text
 */
export function parseExposition(
  exposition: string,
  format: PushedFormat,
  maxSamples = Infinity,
): Generator<void, PushedFamily[]> {
  return new ExpositionParser(format, maxSamples).parse(exposition);
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
    private readonly format: PushedFormat,
    private readonly maxSamples: number,
  ) {}

  *parse(exposition: string): Generator<void, PushedFamily[]> {
    let start = 0;
    let hasEnded = false;
    while (start < exposition.length) {
      this.line++;
      const end = exposition.indexOf('\n', start);
      const text = exposition.slice(start, end === -1 ? exposition.length : end);
      if (hasEnded) this.fail(`there is text after ${END_OF_OPENMETRICS}.`);
      if (this.format === 'openmetrics' && text === END_OF_OPENMETRICS) hasEnded = true;
      // A truncated exposition may end in the middle of a number.
      else if (end === -1)
        this.fail('the exposition ends in the middle of this line: every line must end with a line feed.');
      else this.readLine(text);
      start = end === -1 ? exposition.length : end + 1;
      yield;
    }
    if (this.format === 'openmetrics' && !hasEnded) {
      this.line++;
      this.fail(
        `an OpenMetrics exposition must end with ${END_OF_OPENMETRICS}. Was it truncated, or is it in the text format?`,
      );
    }
    return [...this.families.values()];
  }

  private readLine(text: string): void {
    const maxLines = this.maxSamples * MAX_LINES_PER_SAMPLE + ALWAYS_ALLOWED_LINES;
    if (this.line > maxLines) {
      this.fail(`the exposition has more than ${maxLines} lines. Send the rest in another request.`);
    }
    if (text.length > MAX_LINE_CHARACTERS) {
      this.fail(
        `the line has ${text.length} characters, the limit for one line is ${MAX_LINE_CHARACTERS}. Use fewer or shorter labels.`,
      );
    }
    if (BLANK_LINE.test(text)) return;
    if (text.endsWith('\r') && !isTextForPeople(text)) {
      this.fail(
        'the line ends with a carriage return (CR LF, as Windows writes it). Lines must end with a line feed alone.',
      );
    }
    if (COMMENT_START.test(text)) this.readComment(text);
    else this.addSample(new SampleLine(text, this.line, this.format).read());
  }

  private readComment(text: string): void {
    const [, kind, about = ''] = COMMENT.exec(text) ?? [];
    // Any other comment is for people, and the text format has no units.
    if (kind === undefined || (kind === 'UNIT' && this.format === 'text')) return;
    const [, quoted, afterQuoted] = QUOTED_AND_REST.exec(about) ?? [];
    const [, word, afterWord] = WORD_AND_REST.exec(about) ?? [];
    const name = quoted?.replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)) ?? word;
    const afterName = (quoted === undefined ? afterWord : afterQuoted) ?? '';
    const rest = afterName.replace(LEADING_BLANKS, '');
    if (name === undefined || (quoted === undefined && !isMetricName(name))) {
      this.fail(`# ${kind} must be followed by the name of a metric, not ${abbreviate(name ?? 'nothing')}.`);
    }
    const family = this.familyOf(name);
    if (kind === 'TYPE') this.setType(family, rest.trimEnd());
    else if (kind === 'HELP') this.setHelp(family, rest);
    else this.setUnit(family, rest.trimEnd());
  }

  private setType(family: OpenFamily, text: string): void {
    if (family.type !== undefined) this.fail(`${family.name} has a second # TYPE.`);
    if (family.samples.length > 0) this.fail(`# TYPE of ${family.name} must come before its samples.`);
    const type = text.toLowerCase() as PushedType;
    const known = PUSHED_TYPES[this.format];
    if (!known.includes(type)) {
      this.fail(
        `the type of ${family.name} is ${abbreviate(text) || 'missing'}; it must be one of ${known.join(', ')}.`,
      );
    }
    family.type = type;
  }

  private setHelp(family: OpenFamily, text: string): void {
    if (text.length > MAX_HELP_CHARACTERS) {
      this.fail(`# HELP of ${family.name} has more than ${MAX_HELP_CHARACTERS} characters.`);
    }
    if (family.help !== undefined) this.fail(`${family.name} has a second # HELP.`);
    const escapes = this.format === 'text' ? /\\(?![\\n])./gs : /\\(?![\\n"])./gs;
    // Pairs are removed first, so that the second backslash of a pair does not look like the start of another escape.
    const unpaired = text.replaceAll('\\\\', '');
    if (escapes.test(unpaired) || unpaired.endsWith('\\')) {
      this.fail(`# HELP of ${family.name} has an escape other than \\\\ and \\n.`);
    }
    family.help = text.replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }

  private setUnit(family: OpenFamily, unit: string): void {
    if (family.unit !== undefined) this.fail(`${family.name} has a second # UNIT.`);
    family.unit = unit;
  }

  private addSample(sample: PushedSample): void {
    if (++this.samples > this.maxSamples) {
      this.fail(
        `the exposition has more samples than the limit (INGEST_MAX_SAMPLES), which is ${this.maxSamples}. Send the rest in ` +
          'another request.',
      );
    }
    const family = this.familyOfSample(sample.name);
    const isCreated = family.name + CREATED === sample.name && family.type !== undefined;
    if (!isCreated) family.samples.push(sample);
  }

  /**
   * Returns the family with the sample's name, or a family whose declared type allows the suffix of the name. If there is
   * neither, a new family is created.
   */
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

/** Returns whether a line is a help text or a plain comment, in which a carriage return is an ordinary character. */
function isTextForPeople(text: string): boolean {
  if (!COMMENT_START.test(text)) return false;
  const kind = COMMENT.exec(text)?.[1];
  return kind === undefined || kind === 'HELP';
}
