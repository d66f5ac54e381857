/** A number in an answer. JSON has no infinity, so an infinite number is a text, as in Prometheus' API. */
export type JsonNumber = number | '+Inf' | '-Inf';

/** Returns a number as JSON shows it; null for NaN, which means that there is no value. */
export function jsonNumberOf(value: number): JsonNumber | null {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : value > 0 ? '+Inf' : '-Inf';
}

/** The schema of a {@link JsonNumber} or null in OpenAPI. */
export const JSON_NUMBER = {
  type: Object,
  nullable: true,
  oneOf: [{ type: 'number' }, { type: 'string', enum: ['+Inf', '-Inf'] }],
};
