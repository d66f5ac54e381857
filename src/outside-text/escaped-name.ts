import { isLabelName, isMetricName, type NameValidation, readLabelName } from './name.js';

/**
 * The schemes by which Prometheus escapes a name for a reader that accepts only letters, digits, `_` and `:`. The scheme
 * `allow-utf-8` is for other readers, and leaves the name as it is.
 *
 * Source: https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

/**
 * Maximum length of a label name in a request, including its escapes. A longer text is not unescaped, and counts as a name that
 * no label has.
 */
const MAX_NAME_LENGTH = 10_000;

const PREFIX = 'U__';

/**
 * Both patterns match the characters that are escaped. A digit is escaped only at the start of a name, where it is illegal. After
 * the prefix `U__` it would be legal, but Prometheus still escapes it.
 */
const NOT_IN_METRICS = /^\d|[^a-zA-Z0-9:]/gu;
const NOT_IN_LABELS = /^\d|[^a-zA-Z0-9]/gu;

/**
 * Escapes the name of a metric. A name that is also legal in Prometheus before version 3 stays as it is, as in Prometheus' own
 * client library.
 */
export function escapeMetricName(name: string, scheme: EscapingScheme): string {
  return scheme === 'allow-utf-8' || isMetricName(name) ? name : escaped(name, scheme, NOT_IN_METRICS);
}

/** Escapes the name of a label. Unlike the name of a metric, the result contains no colon. */
export function escapeLabelName(name: string, scheme: EscapingScheme): string {
  return scheme === 'allow-utf-8' || isLabelName(name) ? name : escaped(name, scheme, NOT_IN_LABELS);
}

function escaped(name: string, scheme: Exclude<EscapingScheme, 'allow-utf-8'>, illegal: RegExp): string {
  return (scheme === 'values' ? PREFIX : '') + name.replace(illegal, REPLACEMENTS[scheme]);
}

const REPLACEMENTS: Readonly<Record<Exclude<EscapingScheme, 'allow-utf-8'>, (character: string) => string>> = {
  underscores: () => '_',
  dots: (character) => (character === '.' ? '_dot_' : '__'),
  values: (character) => (character === '_' ? '__' : `_${character.codePointAt(0)!.toString(16)}_`),
};

/**
 * Reverses the scheme `values`: the prefix `U__`, `__` for `_`, and for other characters their hexadecimal codes, such as `_2e_`
 * for the dot. Grafana and the clients of Pushgateway use this form for names that would otherwise not fit into a path.
 *
 * @returns the original name; the unchanged text if it is not escaped, or not escaped correctly
 */
export function unescapeName(name: string): string {
  if (!name.startsWith(PREFIX)) return name;
  const written = name.slice(PREFIX.length);
  if (!/^(?:[a-zA-Z0-9:]|__|_[0-9a-fA-F]{1,6}_)*$/.test(written)) return name;
  let isLegal = true;
  const plain = written.replaceAll(/__|_([0-9a-fA-F]{1,6})_/g, (_match, hex?: string) => {
    if (hex === undefined) return '_';
    const code = parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isLegal = false;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return isLegal ? plain : name;
}

/**
 * Returns the name of the label that a request asks for. If names may contain any characters, the request may escape the name by
 * the scheme `values`.
 *
 * @returns undefined if no label can have the name
 */
export function queriedLabelName(text: string, nameValidation: NameValidation): string | undefined {
  if (nameValidation === 'legacy') return isLabelName(text) ? text : undefined;
  if (text.length > MAX_NAME_LENGTH) return undefined;
  const name = readLabelName(unescapeName(text), { metricNameMaxLength: MAX_NAME_LENGTH, nameValidation });
  return typeof name === 'string' ? name : undefined;
}
