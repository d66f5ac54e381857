import type { OtlpPoint, OtlpResource } from '../encoding/otlp-request.js';

function pointsOf({ scopes }: OtlpResource): (readonly OtlpPoint[])[] {
  const all = scopes.flatMap(({ metrics }) => metrics.map(({ points }) => points));
  return all.map((points) => ('points' in points ? points.points : []));
}

/** Whether every data point says when it was. */
export function isTimed(resource: OtlpResource): boolean {
  return pointsOf(resource).every((points) => points.every(({ timestamp }) => timestamp !== null));
}

/** Time of the newest data point, ms since the epoch; null where none says it. */
export function newestOf(resource: OtlpResource): number | null {
  let newest: number | null = null;
  for (const points of pointsOf(resource)) {
    for (const { timestamp } of points) {
      if (timestamp !== null) newest = Math.max(timestamp, newest ?? timestamp);
    }
  }
  return newest;
}
