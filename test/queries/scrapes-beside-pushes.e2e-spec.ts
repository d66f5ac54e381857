import { once } from 'node:events';
import http from 'node:http';
import { queuedMsOf } from '../support/queued-time.js';
import { push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const METRICS = 6;
const SERIES_OF_EACH = 5_000;
const SCRAPES = 100;

/** Maximum time for a push. Without sharing, the page is rendered for each scrape, and a push waits for many seconds. */
const LIMIT_MS = 1_000;

describe('a hundred scrapes of 30,000 series at once', () => {
  // On a busy machine, Postgres takes longer than a usual client waits.
  const server = serviceUnderTest({ STORE_WAIT_MS: '30000' });

  beforeAll(async () => {
    for (let metric = 0; metric < METRICS; metric++) {
      const items = Array.from({ length: SERIES_OF_EACH }, (_, index) => ({
        name: `scraped_${metric}_total`,
        value: 1,
        labels: { instance: `instance-${index}`, region: 'eu-central' },
      }));
      expect((await push(server, items)).status).toBe(202);
    }
  });

  /** Reads a page without keeping it. Returns the status and the number of bytes. */
  async function read(): Promise<{ status: number; bytes: number }> {
    const request = http.get(server.metricsUrl, { agent: false, headers: { Accept: 'text/plain' } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await once(response, 'end');
    return { status: response.statusCode!, bytes };
  }

  it('do not keep a push waiting', async () => {
    let isReading = true;
    const scrapes = Promise.all(Array.from({ length: SCRAPES }, read)).finally(() => (isReading = false));
    const waits: number[] = [];
    const pids = [server.process.pid!, process.pid];
    while (isReading || waits.length === 0) {
      const queuedBefore = queuedMsOf(pids);
      const startedAt = performance.now();
      expect((await push(server, [{ name: 'scraped_0_total', value: 1, labels: { instance: 'a' } }])).status).toBe(202);
      const waitedMs = performance.now() - startedAt;
      // On a busy machine, the test and the server wait for other programs, too.
      waits.push(waitedMs - (queuedMsOf(pids) - queuedBefore));
    }
    expect(Math.max(...waits)).toBeLessThan(LIMIT_MS);
    const pages = await scrapes;
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { bytes } of pages) expect(bytes).toBeGreaterThan(METRICS * SERIES_OF_EACH * 50);
  });
});
