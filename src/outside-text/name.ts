/** No setting allows longer names. */
const MAX_CHECKED_CHARACTERS = 10_000;

const FORBIDDEN_IN_METRIC_NAME = /[^a-zA-Z0-9_:]/g;
const FORBIDDEN_IN_LABEL_NAME = /[^a-zA-Z0-9_]/g;
const STARTS_WITH_DIGIT = /^[0-9]/;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const COUNTER_SUFFIX = /_(?:total|count|sum|bucket)$/;
const ONLY_UNDERSCORES = /^_*$/;

/** Why a text can't be a name. */
export enum NameProblem {
  Empty,
  TooLong,
  /** Nothing of it would be left but underscores, so that all such texts would be one name. */
  NoLegalCharacter,
}

/**
 * Makes a metric name of what a sender calls it. Its length is checked before anything else is done with it.
 *
 * @param maxLength of the name that comes out; that is at most one character longer than the text
 */
export function readMetricName(text: string, maxLength: number): string | NameProblem {
  if (text.length > maxLength) return NameProblem.TooLong;
  if (METRIC_NAME.test(text)) return text;
  const name = sanitizeMetricName(text);
  // A suffix that only says what kind of counter it is tells no two names apart.
  return problemOf(text, name, sanitizeMetricName(text.replace(COUNTER_SUFFIX, '')), maxLength) ?? name;
}

/** The same for the name of a label. */
export function readLabelName(text: string, maxLength: number): string | NameProblem {
  if (text.length > maxLength) return NameProblem.TooLong;
  if (LABEL_NAME.test(text)) return text;
  const name = sanitizeLabelName(text);
  return problemOf(text, name, name, maxLength) ?? name;
}

/** Whether a text is a metric name of Prometheus as it stands. */
export function isMetricName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && METRIC_NAME.test(text);
}

/** Whether a text is a label name of Prometheus as it stands. */
export function isLabelName(text: string, maxLength = MAX_CHECKED_CHARACTERS): boolean {
  return text.length <= maxLength && LABEL_NAME.test(text);
}

function problemOf(text: string, name: string, withoutSuffix: string, maxLength: number): NameProblem | undefined {
  if (text === '') return NameProblem.Empty;
  if (name.length > maxLength) return NameProblem.TooLong;
  return ONLY_UNDERSCORES.test(withoutSuffix) ? NameProblem.NoLegalCharacter : undefined;
}

/**
 * Makes any text a metric name of Prometheus: forbidden characters become `_` (one for each UTF-16 unit), and a name
 * that then starts with a digit gets a leading `_`.
 * Source: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
 */
export function sanitizeMetricName(name: string): string {
  return withoutLeadingDigit(name.replace(FORBIDDEN_IN_METRIC_NAME, '_'));
}

/** The same for a label name, which has no colon. */
export function sanitizeLabelName(name: string): string {
  return withoutLeadingDigit(name.replace(FORBIDDEN_IN_LABEL_NAME, '_'));
}

function withoutLeadingDigit(name: string): string {
  return STARTS_WITH_DIGIT.test(name) ? `_${name}` : name;
}

/**
 * Makes any text a label value, help or unit that UTF-8 and Postgres can hold: half surrogate pairs and NUL (which no
 * Postgres text can contain) become U+FFFD, the replacement character.
 */
export function sanitizeText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
