import { eventually } from '../support/eventually.js';
import { type RecordingTarget, startRecordingTarget } from '../support/recording-target.js';
import {
  ADMIN_TOKEN,
  getJson,
  INGEST_TOKEN,
  type Item,
  push,
  scrape,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const TOKEN = 'target-token-7f3a9c';
const SOON_COMPACTED = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' };
const JOB = 'job="custom-metrics"';

describe('the forwarding by remote write', () => {
  let target: RecordingTarget;
  let server: TestServer;

  const store = storeUnderTest('all');
  const start = (settings: Record<string, string> = {}) =>
    store.start({
      REMOTE_WRITE_URL: target.url,
      REMOTE_WRITE_BEARER_TOKEN: TOKEN,
      REMOTE_WRITE_HEADERS: 'X-Scope-OrgID=team-a',
      ...SOON_COMPACTED,
      ...settings,
    });

  beforeAll(async () => {
    target = await startRecordingTarget();
    server = await start();
    await eventually(() => expect(server.output()).toContain('The forwarding begins'));
  });

  afterAll(() => target.stop());

  beforeEach(() => target.answerBy(() => undefined));

  async function pushed(...items: Item[]): Promise<void> {
    const response = await push(server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  }

  const valuesOf = (series: string) => target.points(series).map(([, value]) => value);
  const own = async (name: string) => valueOn(await scrape(server), name) ?? 0;
  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);
  const health = () =>
    getJson<{ status: string; forwarding: { lagSeconds: number; isActive: boolean } }>(server, '/health');

  it('sends running totals of changes, and everything else as it was pushed', async () => {
    const at = Date.now() - 20_000;
    await pushed(
      { name: 'fw_orders_total', labels: { shop: 'a' }, value: 2, timestamp: at, help: 'Orders' },
      { name: 'fw_orders_total', labels: { shop: 'a' }, value: 3, timestamp: at + 1_000 },
      { name: 'fw_stock', value: 7, timestamp: at },
      { name: 'fw_stock', value: -7.5, timestamp: at + 1_000 },
      { name: 'fw_seen_total', value: 40, timestamp: at, temporality: 'cumulative' },
      { name: 'fw_open', value: -2, timestamp: at, type: 'gauge', temporality: 'delta' },
      { name: 'fw_job', labels: { job: 'night' }, value: 1, timestamp: at },
    );
    await pushed({ name: 'fw_orders_total', labels: { shop: 'a' }, value: 4, timestamp: at + 2_000 });
    await eventually(() => expect(target.points(`fw_orders_total{${JOB},shop="a"}`)).toHaveLength(4));
    expect(target.points(`fw_orders_total{${JOB},shop="a"}`)).toEqual([
      [at - 1, 0],
      [at, 2],
      [at + 1_000, 5],
      [at + 2_000, 9],
    ]);
    expect(valuesOf(`fw_stock{${JOB}}`)).toEqual([7, -7.5]);
    expect(valuesOf(`fw_seen_total{${JOB}}`)).toEqual([40]);
    expect(valuesOf(`fw_open{${JOB}}`)).toEqual([-2]);
    expect(valuesOf('fw_job{job="night"}')).toEqual([1]);
    expect(target.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'x-scope-orgid': 'team-a',
      authorization: `Bearer ${TOKEN}`,
    });
  });

  it('sends classic histograms as their counters, and stale markers', async () => {
    const page = (sum: number) =>
      `# TYPE fw_took histogram\nfw_took_bucket{le="1"} 2\nfw_took_bucket{le="+Inf"} 3\nfw_took_sum ${sum}\nfw_took_count 3\nfw_gone 1\n`;
    const put = (body: string) =>
      fetch(`${server.url}/metrics/job/fw`, { method: 'PUT', headers: { Authorization: INGEST_TOKEN }, body });
    expect((await put(page(4.5))).ok).toBe(true);
    expect((await put('fw_other 1\n')).ok).toBe(true);
    await eventually(() => expect(valuesOf('fw_gone{job="fw"}')).toEqual([1, NaN]));
    await eventually(() => expect(valuesOf('fw_took_bucket{job="fw",le="+Inf"}').slice(-2)).toEqual([3, NaN]));
    await eventually(() => expect(valuesOf('fw_took_sum{job="fw"}').slice(-2)).toEqual([4.5, NaN]));
  });

  it('isolates samples that the target refuses, counts them, and never repeats them', async () => {
    let refusals = 0;
    target.answerBy((_request, text) => {
      if (!text.includes('number="13"')) return undefined;
      refusals++;
      return { status: 400, body: 'out of order sample' };
    });
    await pushed(
      ...Array.from({ length: 40 }, (_, number) => ({ name: 'fw_many', labels: { number }, value: number })),
    );
    const arrived = () => target.series().filter((series) => series.startsWith('fw_many')).length;
    await eventually(() => expect(arrived()).toBe(39));
    const counter = 'custom_metrics_forwarding_refused_samples_total{reason="out_of_order"}';
    await eventually(async () => expect(await own(counter)).toBe(1));
    const refusalsOnce = refusals;
    expect(refusalsOnce).toBeLessThan(10);
    await pushed({ name: 'fw_after', value: 1 });
    await eventually(() => expect(valuesOf(`fw_after{${JOB}}`)).toEqual([1]));
    expect(refusals).toBe(refusalsOnce);
    expect(server.output().match(/refuses samples \(out_of_order\)/g)).toHaveLength(1);
  });

  it.each([
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '1' } }],
    ['500', { status: 500, body: TOKEN }],
    ['a wrong token', { status: 401 }],
    ['a redirect', { status: 308, headers: { Location: 'http://127.0.0.1:9/' } }],
  ])('sends again after %s', async (_name, answer) => {
    const name = `fw_again_${answer.status}`;
    let answeredAt = 0;
    target.answerBy(() => {
      if (answeredAt !== 0) return undefined;
      answeredAt = Date.now();
      return answer;
    });
    await pushed({ name, value: 5 });
    await eventually(() => expect(valuesOf(`${name}{${JOB}}`)).toEqual([5]));
    if (answer.status === 429) expect(Date.now() - answeredAt).toBeGreaterThanOrEqual(1_000);
  });

  it('keeps what a target that is away has not got, while the log is compacted, and loses nothing', async () => {
    target.answerBy(() => ({ status: 503 }));
    for (let round = 1; round <= 3; round++) {
      await pushed({ name: 'fw_kept_total', value: round }, { name: 'fw_level', value: round });
      await eventually(async () => expect(await count("sample_batch WHERE series_ids <> '{}'")).toBe(0));
    }
    expect(await count('forwarding_row')).toBeGreaterThan(0);
    await eventually(async () => expect((await health()).forwarding.lagSeconds).toBeGreaterThan(2));
    expect(await own('custom_metrics_forwarding_lag_seconds')).toBeGreaterThan(2);
    target.answerBy(() => undefined);
    await eventually(() => expect(valuesOf(`fw_kept_total{${JOB}}`)).toEqual([0, 1, 3, 6]));
    // Another request may contain this series.
    await eventually(() => expect(valuesOf(`fw_level{${JOB}}`)).toEqual([1, 2, 3]));
    await eventually(async () => expect(await count('forwarding_row')).toBe(0));
    await eventually(async () => expect((await health()).forwarding).toEqual({ lagSeconds: 0, isActive: true }));
  });

  it('sends the same values again after kill -9, and continues with the same totals', async () => {
    await pushed({ name: 'fw_killed_total', value: 1 });
    await eventually(() => expect(valuesOf(`fw_killed_total{${JOB}}`)).toEqual([0, 1]));
    // The target accepts these samples, but the process ends before it knows.
    let killed: Promise<void> | undefined;
    const before = target.points(`fw_killed_total{${JOB}}`).length;
    target.answerBy(async (_request, text) => {
      if (!text.includes('fw_killed_total') || killed !== undefined) return undefined;
      killed = server.kill();
      await killed;
      return undefined;
    });
    await pushed({ name: 'fw_killed_total', value: 2 });
    await eventually(() => expect(target.points(`fw_killed_total{${JOB}}`).length).toBeGreaterThan(before));
    await killed;
    target.answerBy(() => undefined);
    // The lease of the killed process would last for up to 15 s. forwarding-targets.e2e-spec.ts waits for the end of such a lease.
    await store.client.query('UPDATE forwarding SET expires_at = clock_timestamp()');
    server = await start();
    await pushed({ name: 'fw_killed_total', value: 4 });
    await eventually(() => expect(valuesOf(`fw_killed_total{${JOB}}`)).toEqual([0, 1, 3, 3, 7]), { limitMs: 40_000 });
    const [first, again] = target.points(`fw_killed_total{${JOB}}`).slice(2);
    expect(again).toEqual(first);
  });

  it('follows a correction with one step back, and marks deleted and renamed series as stale', async () => {
    const at = Date.now() - 60_000;
    await pushed(
      { name: 'fw_wrong_total', value: 100, timestamp: at },
      { name: 'fw_wrong_total', value: 1, timestamp: at + 30_000 },
      { name: 'fw_deleted', value: 1 },
      { name: 'fw_before', value: 1 },
    );
    await eventually(() => expect(valuesOf(`fw_wrong_total{${JOB}}`)).toEqual([0, 100, 101]));
    const admin = (method: string, path: string, body?: object) =>
      fetch(`${server.url}/api/admin/${path}`, {
        method,
        headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const range = `from=${at - 1_000}&to=${at + 1_000}`;
    expect((await admin('DELETE', `metrics/fw_wrong_total/samples?${range}&dryRun=false`)).status).toBe(200);
    await eventually(() => expect(server.output()).toContain('were computed again'));
    expect((await admin('DELETE', 'metrics/fw_deleted')).status).toBe(200);
    const renamed = await admin('POST', 'metrics/fw_before/rename', { to: 'fw_renamed' });
    expect([renamed.status, await renamed.text()]).toEqual([200, expect.any(String)]);
    await pushed({ name: 'fw_wrong_total', value: 5 }, { name: 'fw_renamed', value: 2 });
    await eventually(() => expect(valuesOf(`fw_wrong_total{${JOB}}`)).toEqual([0, 100, 101, 6]));
    expect(await own('fw_wrong_total')).toBe(6);
    await eventually(() => expect(valuesOf(`fw_renamed{${JOB}}`)).toEqual([2]));
    await eventually(() => expect(valuesOf(`fw_deleted{${JOB}}`)).toEqual([1, NaN]), { limitMs: 30_000 });
    await eventually(() => expect(valuesOf(`fw_before{${JOB}}`)).toEqual([1, NaN]), { limitMs: 30_000 });
  });

  it('describes metrics', async () => {
    await eventually(() => expect(target.described.get('fw_orders_total')).toBe('1 Orders'), { limitMs: 90_000 });
    expect(target.described.get('fw_took')).toBe('3 ');
  });

  it('is done by one process, and another one takes over when it stops', async () => {
    const other = await start();
    await eventually(() => expect(other.output()).toContain('ready at'));
    await pushed({ name: 'fw_two_total', value: 1 });
    await eventually(() => expect(valuesOf(`fw_two_total{${JOB}}`)).toEqual([0, 1]));
    const { forwarding } = await getJson<{ forwarding: { isActive: boolean } }>(other, '/health');
    expect(forwarding.isActive).toBe(false);
    await server.stop();
    server = other;
    await pushed({ name: 'fw_two_total', value: 2 });
    await eventually(() => expect(valuesOf(`fw_two_total{${JOB}}`)).toEqual([0, 1, 3]));
    expect((await health()).forwarding.isActive).toBe(true);
  });

  it('does not show its secrets', async () => {
    const shown = [server.output(), JSON.stringify(await health()), await scrape(server)].join('\n');
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(new URL(target.url).port);
  });
});
