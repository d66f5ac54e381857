/** The default maximum length of a text that is checked. It is far above the longest name that the settings allow. */
const MAX_CHECKED_CHARACTERS = 10_000;

const FORBIDDEN_IN_METRIC_NAME = /[^a-zA-Z0-9_:]/g;
const FORBIDDEN_IN_LABEL_NAME = /[^a-zA-Z0-9_]/g;
const STARTS_WITH_DIGIT = /^[0-9]/;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const COUNTER_SUFFIX = /_(?:total|count|sum|bucket)$/;
const ONLY_UNDERSCORES = /^_*$/;
// eslint-disable-next-line no-control-regex -- Postgres cannot store NUL in a text.
const UNUSABLE = /[\0\uFFFD]/;

/** The rules for names: those of Prometheus before version 3, which allow few characters, or those since then. */
export type NameValidation = 'legacy' | 'utf8';

/** The settings that apply to the names of metrics and labels. */
export interface NameRules {
  /** Maximum length of a name in bytes of UTF-8. */
  readonly metricNameMaxLength: number;
  readonly nameValidation: NameValidation;
}

/** The reasons why a text cannot be a name. */
export enum NameProblem {
  Empty,
  TooLong,
  /** The converted name would consist of underscores only, so that many different texts would get the same name. */
  NoLegalCharacter,
  /** The text is not valid UTF-8, or has a character that Postgres or PromQL does not accept. */
  UnusableCharacter,
}

/**
 * Returns the metric name for a text that a client sent. With the legacy rules, a text that is not a legal name is converted to
 * one; with the UTF-8 rules, it stays as it is. The length is checked first.
 *
 * @returns the name, or the reason why the text cannot be one
 */
export function readMetricName(text: string, rules: NameRules): string | NameProblem {
  const { metricNameMaxLength: maxLength, nameValidation } = rules;
  if (text.length > maxLength) return NameProblem.TooLong;
  if (METRIC_NAME.test(text)) return text;
  if (nameValidation === 'utf8') return problemInUtf8(text, maxLength) ?? text;
  const name = sanitizeMetricName(text);
  // A suffix such as `_total` does not count as a legal character, because it only gives the kind of counter and does not
  // distinguish two names.
  return problemOf(text, name, sanitizeMetricName(text.replace(COUNTER_SUFFIX, '')), maxLength) ?? name;
}

/** Returns the label name for a text that a client sent, by the same rules as {@link readMetricName}. */
export function readLabelName(text: string, rules: NameRules): string | NameProblem {
  const { metricNameMaxLength: maxLength, nameValidation } = rules;
  if (text.length > maxLength) return NameProblem.TooLong;
  if (LABEL_NAME.test(text)) return text;
  if (nameValidation === 'utf8') return problemInUtf8(text, maxLength) ?? text;
  const name = sanitizeLabelName(text);
  return problemOf(text, name, name, maxLength) ?? name;
}

/** Returns the name under which a metric is stored, without checking whether the text can be a name. */
export function storedMetricName(text: string, nameValidation: NameValidation): string {
  return nameValidation === 'utf8' ? text : sanitizeMetricName(text);
}

/** Returns whether a text is already a legal Prometheus metric name. */
export function isMetricName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && METRIC_NAME.test(text);
}

/** Returns whether a text is already a legal Prometheus label name. */
export function isLabelName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && LABEL_NAME.test(text);
}

function problemInUtf8(text: string, maxBytes: number): NameProblem | undefined {
  if (text === '') return NameProblem.Empty;
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) return NameProblem.TooLong;
  // U+FFFD stands for invalid bytes that a decoder replaced. PromQL refuses it, so such a name could not be queried.
  return UNUSABLE.test(text) || !text.isWellFormed() ? NameProblem.UnusableCharacter : undefined;
}

function problemOf(text: string, name: string, withoutSuffix: string, maxLength: number): NameProblem | undefined {
  if (text === '') return NameProblem.Empty;
  if (name.length > maxLength) return NameProblem.TooLong;
  return ONLY_UNDERSCORES.test(withoutSuffix) ? NameProblem.NoLegalCharacter : undefined;
}

/**
 * Converts any text to a Prometheus metric name. Each forbidden UTF-16 code unit becomes `_`, and a name that then starts with a
 * digit gets a leading `_`.
 *
 * Source: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
 */
export function sanitizeMetricName(name: string): string {
  return withoutLeadingDigit(name.replace(FORBIDDEN_IN_METRIC_NAME, '_'));
}

/** Converts any text to a Prometheus label name. Unlike metric names, label names may not contain a colon. */
export function sanitizeLabelName(name: string): string {
  return withoutLeadingDigit(name.replace(FORBIDDEN_IN_LABEL_NAME, '_'));
}

function withoutLeadingDigit(name: string): string {
  return STARTS_WITH_DIGIT.test(name) ? `_${name}` : name;
}

/**
 * Converts any text to a label value, help or unit that can be encoded in UTF-8 and stored in Postgres: lone surrogates and NUL
 * (which no Postgres text can contain) become U+FFFD, the replacement character.
 */
export function sanitizeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
