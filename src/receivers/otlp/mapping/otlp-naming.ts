/** What decides about the endings of a name. */
export type NamedKind = 'monotonic sum' | 'gauge' | 'other';

/** UCUM's notation, as OpenTelemetry uses it, in Prometheus' words. Source: Prometheus' OTLP endpoint. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['kBy', 'kilobytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);

/** What a unit is divided by. */
const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

const DIMENSIONLESS = '1';

/**
 * A metric's name by the rules of Prometheus' OTLP endpoint: forbidden characters become `_`, and several of them one; the
 * unit is added unless the name says it already; a monotonic sum ends in `_total`, and a gauge without a dimension in
 * `_ratio`.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 *
 * @param hasSuffixes false leaves out unit, `_total` and `_ratio`
 * @returns an empty text if nothing of the name can be used
 */
export function metricNameOf(name: string, unit: string, kind: NamedKind, hasSuffixes: boolean): string {
  let words = wordsOf(name);
  if (words.length === 0) return '';
  if (hasSuffixes) {
    for (const suffix of unitWordsOf(unit)) if (!words.includes(suffix)) words.push(suffix);
    if (kind === 'monotonic sum') words = withLast(words, 'total');
    if (kind === 'gauge' && unit === DIMENSIONLESS) words = withLast(words, 'ratio');
  }
  const joined = words.join('_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** A unit in Prometheus' words: `bytes_per_second`. Empty for none, for `1`, and for annotations such as `{request}`. */
export function unitNameOf(unit: string): string {
  return unitWordsOf(unit).join('_');
}

/**
 * The name of a label for an attribute, by the same rules: each forbidden character becomes `_`; a name that starts with a
 * digit gets `key_` in front, and one that starts with a single `_` gets `key`.
 *
 * @param maxLength a longer attribute can't be a label, and is left as it is
 */
export function labelNameOf(attribute: string, maxLength: number): string {
  if (attribute.length > maxLength) return attribute;
  const name = attribute.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
  if (/^\d/.test(name)) return `key_${name}`;
  return /^_(?!_)/.test(name) ? `key${name}` : name;
}

/** The unit, and what it is divided by, as far as there are such. */
function unitWordsOf(unit: string): string[] {
  const slash = unit.indexOf('/');
  const main = slash < 0 ? unit : unit.slice(0, slash);
  const per = slash < 0 ? '' : wordOf(unit.slice(slash + 1), PER_UNITS);
  return [wordOf(main, UNITS), per === '' ? '' : `per_${per}`].filter((word) => word !== '');
}

function wordOf(unit: string, words: ReadonlyMap<string, string>): string {
  const given = unit.trim();
  // An annotation: it says what is counted, not in which unit.
  if (/[{}]/.test(given)) return '';
  return wordsOf(words.get(given) ?? given).join('_');
}

function wordsOf(text: string): string[] {
  return text.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
}

function withLast(words: readonly string[], last: string): string[] {
  return [...words.filter((word) => word !== last), last];
}
