import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN, getJson, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const SERIES = 1_000;
const LABELS = 32;
const VALUE_LENGTH = 1_000;
const METRICS = 2_000;

/** Number of concurrent answers. A complete answer is about 32 MB of JSON, so this many of them exceed the heap. */
const AT_ONCE = 20;

const MEGABYTE = 1024 * 1024;

/** Returns labels of a series that are as large as the limits allow. */
function largeLabels(index: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: LABELS }, (_, label) => [`label_${label}`, `${index} `.padEnd(VALUE_LENGTH, 'x')]),
  );
}

interface Page {
  readonly series?: readonly { id: number; labels: Record<string, string> }[];
  readonly samples?: readonly { seriesId: number }[];
  readonly nextCursor: string | null;
}

describe('answers that are much larger than the heap', () => {
  const server = serviceUnderTest({
    PROMQL_OPEN_PORT: '0',
    PROMQL_QUERIES_PER_TOKEN: '1000',
    NODE_OPTIONS: '--max-old-space-size=512',
  });
  let openUrl: string;
  const ids: number[] = [];

  beforeAll(async () => {
    openUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    for (let first = 0; first < SERIES; first += 100) {
      const items = Array.from({ length: 100 }, (_, index) => ({
        name: 'large_total',
        value: 1,
        labels: largeLabels(first + index),
      }));
      expect((await push(server, items)).status).toBe(202);
    }
    const help = 'h'.repeat(1_000);
    for (let first = 0; first < METRICS; first += 500) {
      const items = Array.from({ length: 500 }, (_, index) => ({ name: `described_${first + index}`, value: 1, help }));
      expect((await push(server, items)).status).toBe(202);
    }
  });

  /** Requests an answer and reads only its head. */
  async function askWithoutReading(url: string): Promise<{ status: number; end: () => void }> {
    const request = http.get(url, { headers: { Authorization: ADMIN_TOKEN }, agent: false });
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.on('error', () => undefined);
    response.pause();
    return { status: response.statusCode!, end: () => request.destroy() };
  }

  /** Requests an answer again while the server still counts the answers of the previous test, whose clients have gone. */
  async function askUntilAdmitted(url: string): Promise<{ status: number; end: () => void }> {
    for (let tries = 0; ; tries++) {
      const answer = await askWithoutReading(url);
      if (answer.status === 200 || tries === 100) return answer;
      answer.end();
      await sleep(50);
    }
  }

  async function pagesOf(path: string): Promise<Page[]> {
    const pages: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await getJson<Page>(server, path + (cursor && `&cursor=${cursor}`));
      pages.push(page);
      cursor = page.nextCursor;
    }
    return pages;
  }

  it('ends a page of series early, and the cursor leads to all of them', async () => {
    const pages = await pagesOf('/api/history/series?metric=large_total&limit=10000');
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(6 * MEGABYTE);
    ids.push(...pages.flatMap(({ series }) => series!.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(SERIES);
  });

  it('ends a page of samples early, and the cursor leads to all of them', async () => {
    const pages = await pagesOf('/api/history/samples?metric=large_total&limit=10000');
    expect(pages.length).toBeGreaterThan(3);
    expect(pages.flatMap(({ samples }) => samples!.map(({ seriesId }) => seriesId)).toSorted((a, b) => a - b)).toEqual(
      ids,
    );
  });

  it('returns the metadata of all metrics in one answer of the Prometheus API', async () => {
    const { data } = await getJson<{ data: Record<string, { help: string }[]> }>(server, '/api/v1/metadata');
    expect(Object.keys(data)).toHaveLength(METRICS + 1);
    expect(data.described_7).toEqual([{ type: 'gauge', help: 'h'.repeat(1_000), unit: '' }]);
  });

  it.each([
    ['/api/history/series?metric=large_total&limit=10000', 'server'],
    ['/api/history/samples?metric=large_total&limit=10000', 'server'],
    ['/api/history/query?metric=large_total&groupBy=*&step=1h', 'server'],
    ['/api/history/samples?metric=large_total&format=excel&locale=de-DE', 'server'],
    ['/api/history/metrics?limit=10000', 'server'],
    ['/api/v1/series?match[]=large_total', 'open'],
    ['/api/v1/label/label_0/values', 'open'],
    ['/api/v1/metadata', 'open'],
  ])('holds little of %s for clients that do not read', async (path, port) => {
    const url = (port === 'open' ? openUrl : server.url) + path;
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => askUntilAdmitted(url)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // The server still runs and has memory for other clients.
    expect((await push(server, [{ name: 'probe_total', value: 1 }])).status).toBe(202);
    expect(server.process.exitCode).toBeNull();
    for (const { end } of answers) end();
  });

  it('keeps slots for other tokens while clients of one token do not read their answers', async () => {
    const response = await fetch(`${server.url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'other reader', scopes: ['read'] }),
    });
    const { token } = (await response.json()) as { token: string };
    // A page of JSON ends after 5 MB, which the buffers of a socket can hold, so that its slot would be free again.
    const url = `${server.url}/api/history/samples?metric=large_total&format=excel`;
    const answers = await Promise.all(Array.from({ length: 2 * AT_ONCE }, () => askWithoutReading(url)));
    const refused = answers.filter(({ status }) => status === 429);
    expect([refused.length, answers.filter(({ status }) => status === 200).length]).toEqual([16, 24]);
    const other = await fetch(`${server.url}/api/history/metrics?limit=1`, { headers: { Authorization: token } });
    expect([other.status, ((await other.json()) as { metrics: unknown[] }).metrics.length]).toEqual([200, 1]);
    for (const { end } of answers) end();
  });

  it('refuses a CSV with thousands of label columns, and says what to do', async () => {
    for (let first = 0; first < 1_200; first += 300) {
      const items = Array.from({ length: 300 }, (_, index) => ({
        name: 'wide_total',
        value: 1,
        labels: { [`column_${first + index}`]: '1' },
      }));
      expect((await push(server, items)).status).toBe(202);
    }
    const headers = { Authorization: ADMIN_TOKEN, Accept: 'text/csv' };
    const response = await fetch(`${server.url}/api/history/samples?metric=wide_total`, { headers });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/more than 1000 different label names.*JSON/),
    ]);
    const narrow = await fetch(`${server.url}/api/history/samples?metric=wide_total&label=column_7=1`, { headers });
    expect([narrow.status, (await narrow.text()).split('\r\n')[0]]).toEqual([200, 'metric,at,value,column_7']);
  });
});
