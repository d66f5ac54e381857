/** One line of an exposition that is not a comment. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric family with a type and its samples. */
export interface ExposedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string | undefined;
  readonly unit: string | undefined;
  readonly samples: readonly ExposedSample[];
}

/** The suffixes that the sample names of a family may have. In OpenMetrics, a sample of a counter must have a suffix. */
const SUFFIXES: Readonly<Record<'text' | 'openmetrics', Readonly<Record<string, readonly string[]>>>> = {
  text: {
    counter: [''],
    gauge: [''],
    untyped: [''],
    histogram: ['_bucket', '_sum', '_count'],
    summary: ['', '_sum', '_count'],
  },
  openmetrics: {
    counter: ['_total', '_created'],
    gauge: [''],
    unknown: [''],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    summary: ['', '_sum', '_count', '_created'],
  },
};

const METRIC_NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
/** A name in quotes, which is allowed where the answer says `escaping=allow-utf-8`. */
const QUOTED = String.raw`"(?:[^"\\\n]|\\["\\n])+"`;
const COMMENT = new RegExp(`^# (HELP|TYPE|UNIT) (${METRIC_NAME}|${QUOTED}) (.*)$`, 's');
const SAMPLE = new RegExp(`^(${METRIC_NAME})(?:\\{(.*)\\})? (\\S+)$`, 's');
const QUOTED_SAMPLE = new RegExp(`^\\{(${QUOTED})(?:,(.*))?\\} (\\S+)$`, 's');
const LABEL = new RegExp(String.raw`([a-zA-Z_][a-zA-Z0-9_]*|${QUOTED})="((?:[^"\\\n]|\\["\\n])*)"(,|$)`, 'suy');
const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const HELP = {
  // Only these escapes exist. In OpenMetrics a quote must be escaped; in the text format it can't be.
  text: /^(?:[^\\]|\\[\\n])*$/su,
  openmetrics: /^(?:[^\\"]|\\[\\n"])*$/su,
};
const NUMBER = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]Inf|NaN)$/i;

/**
 * Reads an exposition as strictly as the specifications allow, which is stricter than Prometheus: each family occurs once, with
 * its comments first and its samples together, no sample occurs twice, and no name belongs to two families. Sources:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 *
 * @param extent whether the text is a whole exposition or a part of one, in which nothing counts as missing
 * @throws Error with the line or the family that is not legal
 */
export function parseExposition(
  page: string,
  format: 'text' | 'openmetrics',
  extent: 'whole' | 'part' = 'whole',
): ExposedFamily[] {
  const families = new ExpositionParser(format).parse(page);
  if (extent === 'whole') for (const family of families) checkComplete(family);
  return families;
}

interface OpenFamily {
  readonly name: string;
  type?: string;
  help?: string;
  unit?: string;
  readonly samples: ExposedSample[];
}

class ExpositionParser {
  private readonly families: OpenFamily[] = [];
  private readonly familyNames = new Set<string>();
  /** The sample names so far, each with its family. */
  private readonly sampleNames = new Map<string, string>();
  private readonly identities = new Set<string>();

  constructor(private readonly format: 'text' | 'openmetrics') {}

  parse(page: string): ExposedFamily[] {
    const lines = page.split('\n');
    if (lines.pop() !== '') throw new Error('the page does not end with a line feed');
    if (this.format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('the page does not end with # EOF');
    lines.forEach((line, index) => {
      try {
        if (line.startsWith('#')) this.comment(line);
        else this.sample(line);
      } catch (error) {
        throw new Error(`line ${index + 1}: ${(error as Error).message}: ${line}`, { cause: error });
      }
    });
    return this.families.map(({ name, type = '', help, unit, samples }) => ({ name, type, help, unit, samples }));
  }

  private comment(line: string): void {
    const [, kind, nameText, text] = COMMENT.exec(line) ?? fail('no HELP, TYPE or UNIT');
    const name = nameOf(nameText!);
    const family = this.families.at(-1)?.name === name ? this.families.at(-1)! : this.open(name);
    if (family.samples.length > 0) fail('after samples of its family');
    if (kind === 'TYPE') {
      if (family.type !== undefined) fail('a second TYPE');
      if (!Object.hasOwn(SUFFIXES[this.format], text!)) fail('an unknown type');
      family.type = text!;
    } else if (kind === 'HELP') {
      if (family.help !== undefined) fail('a second HELP');
      if (!HELP[this.format].test(text!)) fail('a wrong escape');
      family.help = text!;
    } else {
      if (this.format === 'text') fail('UNIT is no part of the text format');
      if (family.unit !== undefined) fail('a second UNIT');
      if (!name.endsWith(`_${text}`)) fail('a unit that is not the end of the name');
      family.unit = text!;
    }
  }

  private open(name: string): OpenFamily {
    if (this.familyNames.has(name)) fail(`${name} a second time`);
    this.familyNames.add(name);
    const family: OpenFamily = { name, samples: [] };
    this.families.push(family);
    return family;
  }

  private sample(line: string): void {
    const [, nameText, labelsText, valueText] = SAMPLE.exec(line) ?? QUOTED_SAMPLE.exec(line) ?? fail('no sample');
    const name = nameOf(nameText!);
    const family = this.families.at(-1);
    if (family?.type === undefined) fail('a sample without a TYPE above it');
    const isOfFamily = SUFFIXES[this.format][family.type]!.some((suffix) => name === family.name + suffix);
    if (!isOfFamily) fail(`a sample among those of the ${family.type} ${family.name}`);
    const owner = this.sampleNames.get(name) ?? family.name;
    if (owner !== family.name) fail(`${name} is a sample of ${owner}, too`);
    this.sampleNames.set(name, family.name);
    if (!NUMBER.test(valueText!)) fail('no number');
    const labels = labelsText === undefined ? {} : parseLabels(labelsText);
    const identity = seriesKey(name, labels);
    if (this.identities.has(identity)) fail('the same series twice');
    this.identities.add(identity);
    family.samples.push({ name: name, labels, value: numberOf(valueText!) });
  }
}

function checkComplete({ name, type, samples }: ExposedFamily): void {
  if (type === '') throw new Error(`${name} has no TYPE`);
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  if (type === 'histogram') checkHistogram(name, samples);
}

const BOUND = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\+?Inf)$/i;

/**
 * Checks a histogram. The buckets of one set of labels must be in ascending order of their bounds and end with `+Inf`, the other
 * samples must follow them, and the count must equal the bucket `+Inf`. Two texts of the same bound (`1` and `1.0`) are accepted,
 * because Prometheus adds up such buckets.
 */
function checkHistogram(name: string, samples: readonly ExposedSample[]): void {
  const bounds = new Map<string, { bounds: number[]; last: number }>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = seriesKey(name, others);
    if (sample === `${name}_bucket`) {
      if (le === undefined || !BOUND.test(le)) throw new Error(`${name} has a bucket with le ${le}`);
      const part = bounds.get(key) ?? { bounds: [], last: NaN };
      bounds.set(key, part);
      if (part.bounds.length > 0 && numberOf(le) < part.bounds.at(-1)!) throw new Error(`${name}: le ${le} too late`);
      part.bounds.push(numberOf(le));
      part.last = value;
    } else {
      if (le !== undefined) throw new Error(`${sample} has an le`);
      const part = bounds.get(key);
      if (part?.bounds.at(-1) !== Infinity) throw new Error(`${sample} without a bucket +Inf: ${key}`);
      if (sample === `${name}_count` && value !== part.last)
        throw new Error(`${sample} is not its bucket +Inf: ${key}`);
    }
  }
  for (const [key, part] of bounds) {
    if (part.bounds.at(-1) !== Infinity) throw new Error(`${name} without a bucket +Inf: ${key}`);
  }
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, nameText, value, end] = LABEL.exec(text) ?? fail('labels that can not be read');
    const name = nameOf(nameText!);
    if (end === ',' && LABEL.lastIndex === text.length) fail('a comma too many');
    if (Object.hasOwn(labels, name)) fail(`label ${name} twice`);
    labels[name] = unescaped(value!);
  }
  return labels;
}

/** Returns a name from an exposition, without its quotes. A legacy name must not have quotes, because it does not need them. */
function nameOf(text: string): string {
  if (!text.startsWith('"')) return text;
  const name = unescaped(text.slice(1, -1));
  return LEGACY_NAME.test(name) ? fail('a legacy name in quotes') : name;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function numberOf(text: string): number {
  return Number(text.replace(/inf/i, 'Infinity'));
}

/** Returns the same text for the same name and labels, regardless of their order. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, sorted]);
}

function fail(reason: string): never {
  throw new Error(reason);
}
