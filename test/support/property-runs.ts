/** Set by `npm run test:properties`, which draws other cases than `npm test` and more of them. */
const TIMES = Number(process.env.PROPERTY_TIMES ?? 1);

/** Returns how many cases of a costly property are drawn. `npm test` draws the same few every time. */
export function propertyRuns(count: number): number {
  return count * TIMES;
}
