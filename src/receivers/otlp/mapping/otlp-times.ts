import type { OtlpPoint, OtlpResource } from '../encoding/otlp-request.js';

function pointsOf({ scopes }: OtlpResource): (readonly OtlpPoint[])[] {
  const all = scopes.flatMap(({ metrics }) => metrics.map(({ points }) => points));
  return all.map((points) => ('points' in points ? points.points : []));
}

/** Returns whether every data point has a time. */
export function isTimed(resource: OtlpResource): boolean {
  return pointsOf(resource).every((points) => points.every(({ timestamp }) => timestamp !== null));
}

/** Returns the time of the newest data point in milliseconds since the epoch, or null if no data point has a time. */
export function newestOf(resource: OtlpResource): number | null {
  let newest: number | null = null;
  for (const points of pointsOf(resource)) {
    for (const { timestamp } of points) {
      if (timestamp !== null) newest = Math.max(timestamp, newest ?? timestamp);
    }
  }
  return newest;
}
