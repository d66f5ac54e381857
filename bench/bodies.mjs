// Request bodies as an app would send them: metrics with 4 labels, thousands of series, values with two decimals.

const METRICS = ['http_requests_total', 'jobs_done_total', 'orders_total', 'cache_hits_total', 'queue_depth'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-south-1'];

/** A small generator of its own, so that every run sends the same. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param samplesPerBody samples in one request
 * @param bodyCount different bodies, sent in turns
 * @param seriesCount about how many series they name together
 */
export function makeBodies(samplesPerBody, bodyCount = 64, seriesCount = 5_000) {
  const next = random(42);
  return Array.from({ length: bodyCount }, () => {
    const metrics = Array.from({ length: samplesPerBody }, () => {
      const series = Math.floor(next() * seriesCount);
      return {
        name: METRICS[series % METRICS.length],
        value: Math.round(next() * 10_000) / 100,
        labels: {
          method: METHODS[Math.floor(series / 5) % METHODS.length],
          status: String(200 + (Math.floor(series / 20) % 10)),
          region: REGIONS[Math.floor(series / 200) % REGIONS.length],
          route: `/api/v1/resource/${Math.floor(series / 600)}`,
        },
      };
    });
    return JSON.stringify({ metrics });
  });
}
