import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** So many series once ended a process with this heap, again and again. Now all of them fit. */
const ONCE_TOO_MANY = 160_000;

/** The number of series that are pushed, of which the last ones are refused. */
const SERIES = 200_000;
const HEAP_MIB = 256;

const SERIES_OF_PUSH = 5_000;

/** Two tokens together may use up the memory for series, so the third one finds nothing left. */
const TOKENS = [INGEST_TOKEN, ...['c', 'd', 'e'].map((letter) => `test:development.${letter.repeat(56)}`)];

interface Pushed {
  readonly accepted: number;
  readonly reasons: readonly string[];
}

jest.setTimeout(600_000);

describe(`a process with a heap of ${HEAP_MIB} MiB`, () => {
  const store = storeUnderTest('all');
  const settings = {
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    INIT_BACKEND_API_TOKENS: TOKENS.join(','),
    SERIES_PER_METRIC_LIMIT: String(SERIES),
    SERIES_PER_TOKEN_LIMIT: String(SERIES),
    // On a busy machine, Postgres needs more time than a client usually allows.
    STORE_WAIT_MS: '30000',
  };
  let server: TestServer;
  let accepted = 0;

  beforeAll(async () => {
    server = await store.start(settings);
  });

  const itemsFrom = (first: number) =>
    Array.from({ length: SERIES_OF_PUSH }, (_, index) => ({
      name: 'many_total',
      value: 1,
      labels: { instance: `instance-${first + index}`, region: 'eu-central' },
    }));

  async function pushNew(first: number): Promise<Pushed> {
    const token = TOKENS[Math.floor((first * TOKENS.length) / SERIES)]!;
    const response = await push(server, itemsFrom(first), { Authorization: token });
    const text = await response.text();
    expect([response.status, text.slice(0, 300)]).toEqual([202, expect.any(String)]);
    const report = (text === '' ? {} : JSON.parse(text)) as { accepted?: number; rejected?: { reason: string }[] };
    const reasons = new Set((report.rejected ?? []).map(({ reason }) => reason));
    return { accepted: report.accepted ?? SERIES_OF_PUSH, reasons: [...reasons] };
  }

  async function expectToWork(): Promise<void> {
    expect((await push(server, [{ name: 'many_total', value: 1, labels: labelsOfFirst }])).status).toBe(202);
    const page = await scrape(server);
    expect(page.match(/^many_total\{/gm)).toHaveLength(accepted);
    expect(valueOn(page, 'custom_metrics_series_left_out')).toBe(0);
    expect(valueOn(page, 'custom_metrics_series_memory_bytes')).toBeLessThanOrEqual(
      valueOn(page, 'custom_metrics_series_memory_limit_bytes')!,
    );
    const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      server,
      '/api/v1/query?query=count(many_total)',
    );
    expect(data.result[0]!.value[1]).toBe(String(accepted));
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  }

  const labelsOfFirst = { instance: 'instance-0', region: 'eu-central' };

  it('refuses new series with the reason before its memory is full, and goes on', async () => {
    const reasons = new Set<string>();
    let isPushing = true;
    // Scrapes and queries need memory of their own.
    const reading = (async () => {
      const admin = { headers: { Authorization: ADMIN_TOKEN } };
      for (; isPushing; await sleep(200)) {
        await (await fetch(server.metricsUrl)).arrayBuffer();
        await (await fetch(`${server.url}/api/history/series?metric=many_total&limit=10000`, admin)).arrayBuffer();
      }
    })();
    for (let first = 0; first < SERIES; first += SERIES_OF_PUSH) {
      const pushed = await pushNew(first);
      accepted += pushed.accepted;
      for (const reason of pushed.reasons) reasons.add(reason);
    }
    isPushing = false;
    await reading;
    expect([...reasons]).toEqual(['series_memory_limit']);
    expect(accepted).toBeGreaterThanOrEqual(ONCE_TOO_MANY);
    expect(accepted).toBeLessThan(SERIES);
    await expectToWork();
  });

  it('starts again with all series, after a stop and after a crash', async () => {
    expect(await server.stop()).toBe(0);
    server = await store.start(settings);
    await expectToWork();
    await server.kill();
    server = await store.start(settings);
    await eventually(expectToWork);
    expect((await pushNew(SERIES - SERIES_OF_PUSH)).reasons).toEqual(['series_memory_limit']);
  });
});
