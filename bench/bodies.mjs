// Creates request bodies like those of an app: metrics with 4 labels, thousands of series, and values with two decimals.

const METRICS = ['http_requests_total', 'jobs_done_total', 'orders_total', 'cache_hits_total', 'queue_depth'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-south-1'];

/** Returns a small random generator with a fixed seed, so that every run sends the same bodies. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * @param samplesPerBody the number of samples in one request
 * @param bodyCount the number of different bodies, which are sent in turn
 * @param seriesCount the approximate number of different series in all bodies
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
