import { getJson, INGEST_TOKEN, scrape, valueOn } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** The current time, rounded down to a whole minute, so that points of the history and the grid of PromQL are at known times. */
const NOW_MS = Math.floor(Date.now() / 60_000) * 60_000;

/** A point of a running total: the start of its process, the time of reading, and the value. Times are in seconds before now. */
interface Point {
  readonly start: number;
  readonly at: number;
  readonly value: number;
}

const nanoseconds = (secondsAgo: number) => `${NOW_MS - secondsAgo * 1_000}000000`;

function sumOf(name: string, points: readonly Point[]) {
  const dataPoints = points.map(({ start, at, value }) => ({
    startTimeUnixNano: nanoseconds(start),
    timeUnixNano: nanoseconds(at),
    asInt: String(value),
  }));
  return { name, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } };
}

function histogramOf(name: string, points: readonly Point[]) {
  const dataPoints = points.map(({ start, at, value }) => ({
    startTimeUnixNano: nanoseconds(start),
    timeUnixNano: nanoseconds(at),
    count: String(value),
    sum: value * 2,
    explicitBounds: [1],
    bucketCounts: ['0', String(value)],
  }));
  return { name, histogram: { aggregationTemporality: 2, dataPoints } };
}

describe('running totals whose sender starts again', () => {
  const server = serviceUnderTest();

  async function send(...metrics: object[]): Promise<void> {
    const answer = await fetch(`${server.url}/v1/metrics`, {
      method: 'POST',
      headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
    });
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
  }

  /** Returns the growth of the counter in the last hour. */
  async function increaseOf(name: string): Promise<number> {
    const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      `/api/history/query?metric=${name}&aggregate=increase&from=${NOW_MS - 3_600_000}&to=${NOW_MS}&step=1h`,
    );
    return series.flatMap(({ points }) => points).reduce<number>((sum, { value }) => sum + (value ?? 0), 0);
  }

  async function query(expression: string): Promise<number> {
    const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      server,
      `/api/v1/query?time=${NOW_MS / 1_000}&query=${encodeURIComponent(expression)}`,
    );
    return Number(data.result[0]?.value[1]);
  }

  const first = { start: 600, at: 500, value: 5 };
  const second = { start: 450, at: 300, value: 8 };

  it('count from zero, in exports of their own', async () => {
    await send(sumOf('restarted', [first]));
    await send(sumOf('restarted', [second]));
    expect(await increaseOf('restarted_total')).toBe(13);
    expect(valueOn(await scrape(server), 'restarted_total')).toBe(8);
    expect(await query('resets(restarted_total[15m])')).toBe(1);
    // In PromQL, a running total begins with its first value, because its earlier growth is unknown.
    expect(await query('increase(restarted_total[15m])')).toBeCloseTo(8, 0);
  });

  it('count from zero, in one export, and once however often it is sent', async () => {
    for (let sent = 0; sent < 2; sent++)
      await send(sumOf('together', [first, second, { ...second, at: 240, value: 9 }]));
    expect(await increaseOf('together_total')).toBe(14);
    const { samples } = await getJson<{ samples: { value: number }[] }>(
      server,
      '/api/history/samples?metric=together_total',
    );
    expect(samples.map(({ value }) => value)).toEqual([5, 0, 8, 9]);
  });

  it('count from zero in each part of a histogram', async () => {
    await send(histogramOf('latency', [first]));
    await send(histogramOf('latency', [second]));
    expect([await increaseOf('latency_count'), await increaseOf('latency_sum')]).toEqual([13, 26]);
    expect(await query('resets(latency_bucket{le="+Inf"}[15m])')).toBe(1);
  });

  it('go on where they were while another process with the same labels sends', async () => {
    const other = { start: 550, at: 400, value: 20 };
    await send(sumOf('shared', [{ start: 600, at: 500, value: 5 }]));
    await send(sumOf('shared', [other]));
    await send(sumOf('shared', [{ start: 600, at: 300, value: 25 }]));
    expect(await increaseOf('shared_total')).toBe(25);
  });
});
