/** A number in an answer. JSON has no infinity, so an infinite number is a string, as in Prometheus' API. */
export type JsonNumber = number | '+Inf' | '-Inf';

/** Returns the JSON form of a number; null for NaN, which means that there is no value. */
export function jsonNumberOf(value: number): JsonNumber | null {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : value > 0 ? '+Inf' : '-Inf';
}

/** The OpenAPI schema of a {@link JsonNumber} or null. */
export const JSON_NUMBER = {
  type: Object,
  nullable: true,
  oneOf: [{ type: 'number' }, { type: 'string', enum: ['+Inf', '-Inf'] }],
};
