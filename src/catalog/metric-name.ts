const FORBIDDEN_IN_METRIC_NAME = /[^a-zA-Z0-9_:]/g;
const FORBIDDEN_IN_LABEL_NAME = /[^a-zA-Z0-9_]/g;
const STARTS_WITH_DIGIT = /^[0-9]/;

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
