const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Writes a text in quotes, as PromQL does. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * Writes the name of a label as PromQL does. The name is in quotes if it has characters that older versions of Prometheus do not
 * allow.
 */
export function labelName(name: string): string {
  return LABEL_NAME.test(name) ? name : quoted(name);
}

/** Writes a selector. A metric name that needs quotes is written in the braces, as the first matcher. */
export function selector(name: string, matchers: readonly string[], separator = ','): string {
  const isPlain = name === '' || METRIC_NAME.test(name);
  const inside = (isPlain ? matchers : [quoted(name), ...matchers]).join(separator);
  if (isPlain) return inside === '' ? name || '{}' : `${name}{${inside}}`;
  return `{${inside}}`;
}
