/** The factor by which `npm run test:properties` draws more cases than `npm test`. It also draws different ones. */
const TIMES = Number(process.env.PROPERTY_TIMES ?? 1);

/** Returns how many cases of a costly property are drawn. `npm test` draws the same few every time. */
export function propertyRuns(count: number): number {
  return count * TIMES;
}
