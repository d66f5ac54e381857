/** Maximum length of a text that is checked, which is the longest name that any setting allows. */
const MAX_CHECKED_CHARACTERS = 10_000;

const FORBIDDEN_IN_METRIC_NAME = /[^a-zA-Z0-9_:]/g;
const FORBIDDEN_IN_LABEL_NAME = /[^a-zA-Z0-9_]/g;
const STARTS_WITH_DIGIT = /^[0-9]/;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const COUNTER_SUFFIX = /_(?:total|count|sum|bucket)$/;
const ONLY_UNDERSCORES = /^_*$/;

/** The reasons why a text cannot be a name. */
export enum NameProblem {
  Empty,
  TooLong,
  /** The result would consist of underscores only, so that all such texts would become the same name. */
  NoLegalCharacter,
}

/**
 * Converts the name that a client uses for a metric to a legal metric name. The length is checked first.
 *
 * @param maxLength limit for the resulting name, which is at most one character longer than the text
 */
export function readMetricName(text: string, maxLength: number): string | NameProblem {
  if (text.length > maxLength) return NameProblem.TooLong;
  if (METRIC_NAME.test(text)) return text;
  const name = sanitizeMetricName(text);
  // A suffix that only gives the kind of counter does not distinguish two names.
  return problemOf(text, name, sanitizeMetricName(text.replace(COUNTER_SUFFIX, '')), maxLength) ?? name;
}

/** Converts the name that a client uses for a label to a legal label name, like {@link readMetricName} for metrics. */
export function readLabelName(text: string, maxLength: number): string | NameProblem {
  if (text.length > maxLength) return NameProblem.TooLong;
  if (LABEL_NAME.test(text)) return text;
  const name = sanitizeLabelName(text);
  return problemOf(text, name, name, maxLength) ?? name;
}

/** Returns whether a text is already a legal Prometheus metric name. */
export function isMetricName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && METRIC_NAME.test(text);
}

/** Returns whether a text is already a legal Prometheus label name. */
export function isLabelName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && LABEL_NAME.test(text);
}

function problemOf(text: string, name: string, withoutSuffix: string, maxLength: number): NameProblem | undefined {
  if (text === '') return NameProblem.Empty;
  if (name.length > maxLength) return NameProblem.TooLong;
  return ONLY_UNDERSCORES.test(withoutSuffix) ? NameProblem.NoLegalCharacter : undefined;
}

/**
 * Converts any text to a Prometheus metric name. Each forbidden UTF-16 unit becomes `_`, and a name that then starts with a digit
 * gets a leading `_`.
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
 * Converts any text to a label value, help or unit that UTF-8 and Postgres can store: lone surrogates and NUL (which no Postgres
 * text can contain) become U+FFFD, the replacement character.
 */
export function sanitizeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
