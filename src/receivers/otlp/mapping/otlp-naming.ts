/** The kinds of metrics whose names get different suffixes. */
export type NamedKind = 'monotonic sum' | 'gauge' | 'other';

/**
 * Maps units in UCUM's notation, which OpenTelemetry uses, to Prometheus' words.
 *
 * Source: Prometheus' OTLP endpoint.
 */
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

/** Maps the unit after a slash to Prometheus' words. */
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
 * Returns a metric's name by the rules of Prometheus' OTLP endpoint. Each run of forbidden characters becomes one `_`, the unit
 * is appended unless the name already contains it, a monotonic sum ends in `_total`, a gauge with the unit `1` ends in
 * `_ratio`, and a name that starts with a digit gets the prefix `_`. Source:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 *
 * @param hasSuffixes whether the unit, `_total` and `_ratio` are appended
 * @returns an empty string if no character of the name can be used
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

/**
 * Returns a metric's name with all of its characters, and with the same suffixes as {@link metricNameOf}. As in Prometheus, only
 * the end of the name decides whether it already has a suffix. If the divisor, `total` or `ratio` is there, the character before
 * it is replaced with `_`.
 */
export function untranslatedNameOf(name: string, unit: string, kind: NamedKind, hasSuffixes: boolean): string {
  if (!hasSuffixes || name === '') return name;
  const { main, per } = unitPartsOf(unit);
  const last = kind === 'monotonic sum' ? 'total' : kind === 'gauge' && unit === DIMENSIONLESS ? 'ratio' : '';
  const bare = withoutLast(withoutLast(name, last), per);
  const suffixes = [bare.endsWith(main) ? '' : main, per, last].filter((suffix) => suffix !== '');
  return [bare, ...suffixes].join('_');
}

/**
 * Removes a word from the end of a name, together with the character before it. If that character is a letter or digit, the word
 * is only the end of a longer word, and nothing is removed.
 */
function withoutLast(name: string, word: string): string {
  const rest = name.slice(0, name.length - word.length);
  if (word === '' || !name.endsWith(word) || rest.length < 2) return name;
  const shorter = rest.replace(/[^\p{L}\p{N}]$/u, '');
  return shorter === rest || shorter === '' ? name : shorter;
}

/**
 * Returns the Prometheus name of a unit, such as `bytes_per_second`. The result is empty if there is no unit, and for `1` and
 * annotations such as `{request}`.
 */
export function unitNameOf(unit: string): string {
  return unitWordsOf(unit).join('_');
}

/**
 * Returns the label name of an attribute, by the rules of Prometheus' OTLP endpoint. Each forbidden character becomes `_`, a name
 * that starts with a digit gets the prefix `key_`, and one that starts with a single `_` gets the prefix `key`.
 *
 * @param maxLength the maximum length; a longer attribute can't become a label, and is returned unchanged
 */
export function labelNameOf(attribute: string, maxLength: number): string {
  if (attribute.length > maxLength) return attribute;
  const name = attribute.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
  if (/^\d/.test(name)) return `key_${name}`;
  return /^_(?!_)/.test(name) ? `key${name}` : name;
}

/** Returns the words for a unit and for its divisor, if the unit has them. */
function unitWordsOf(unit: string): string[] {
  const { main, per } = unitPartsOf(unit);
  return [main, per].filter((word) => word !== '');
}

/** Returns the words for a unit and for its divisor. The words for a part that the unit does not have are empty. */
function unitPartsOf(unit: string): { readonly main: string; readonly per: string } {
  const slash = unit.indexOf('/');
  const main = slash < 0 ? unit : unit.slice(0, slash);
  const per = slash < 0 ? '' : wordOf(unit.slice(slash + 1), PER_UNITS);
  return { main: wordOf(main, UNITS), per: per === '' ? '' : `per_${per}` };
}

function wordOf(unit: string, words: ReadonlyMap<string, string>): string {
  const given = unit.trim();
  // Braces mark an annotation, which names the counted things and is not a unit.
  if (/[{}]/.test(given)) return '';
  return wordsOf(words.get(given) ?? given).join('_');
}

function wordsOf(text: string): string[] {
  return text.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
}

function withLast(words: readonly string[], last: string): string[] {
  return [...words.filter((word) => word !== last), last];
}
