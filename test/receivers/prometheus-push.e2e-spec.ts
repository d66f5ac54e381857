import { gzipSync } from 'node:zlib';
import { snappyCompress } from 'hysnappy';
import { Counter, Gauge, Histogram, Pushgateway, Registry, type RegistryContentType, Summary } from 'prom-client';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, scrape, startServer, valueOn, createToken } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';
import { parseExposition } from '../support/exposition-parser.js';
import { SNAPPY_IDENTIFIER, snappyDataFrame, snappyFrames } from '../support/snappy-frames.js';

describe('pages of the exposition format', () => {
  const server = serviceUnderTest();
  let totals: string;

  beforeAll(async () => {
    totals = await createToken(server, { defaultTemporality: 'cumulative' });
  });

  const send = (
    path: string,
    body: string | Buffer | undefined,
    { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  ) => fetch(server.url + path, { method, headers: { Authorization: INGEST_TOKEN, ...headers }, body });
  const pageValue = async (series: string) => valueOn(await scrape(server), series);
  const messageOf = async (response: Response) => ((await response.json()) as { message: string }).message;

  describe('prom-client', () => {
    const registry = new Registry();
    const runs = new Counter({ name: 'batch_runs_total', help: 'Runs', labelNames: ['queue'], registers: [registry] });
    const level = new Gauge({ name: 'batch_level', help: 'Level', registers: [registry] });
    const seconds = new Histogram({ name: 'batch_seconds', help: 'Took', buckets: [0.1, 1], registers: [registry] });
    const sizes = new Summary({ name: 'batch_size', help: 'Size', percentiles: [0.5], registers: [registry] });
    const clientOf = (headers: Record<string, string>, auth?: string) =>
      new Pushgateway<RegistryContentType>(server.url, { headers, auth }, registry);
    const at = { jobName: 'night batch', groupings: { instance: 'host/1' } };
    const LABELS = 'instance="host/1",job="night batch"';

    test('pushes everything it has, with the token as a password', async () => {
      runs.inc({ queue: 'a' }, 3);
      level.set(7);
      seconds.observe(0.5);
      seconds.observe(5);
      const client = clientOf({}, `anybody:${totals}`);
      expect((await client.push(at)).resp).toMatchObject({ statusCode: 200 });
      runs.inc({ queue: 'a' }, 2);
      level.set(5);
      sizes.observe(12);
      await client.push(at);
      const page = await scrape(server);
      expect(valueOn(page, `batch_runs_total{${LABELS},queue="a"}`)).toBe(5);
      expect(valueOn(page, `batch_level{${LABELS}}`)).toBe(5);
      expect(valueOn(page, `batch_seconds_bucket{instance="host/1",job="night batch",le="1"}`)).toBe(1);
      expect(valueOn(page, `batch_seconds_count{${LABELS}}`)).toBe(2);
      expect(valueOn(page, `batch_size_sum{${LABELS}}`)).toBe(12);
      expect(valueOn(page, `batch_size{${LABELS},quantile="0.5"}`)).toBe(12);
      expect(page).toContain('# HELP batch_runs_total Runs\n# TYPE batch_runs_total counter');
      expect(page).toContain('# TYPE batch_seconds histogram');
      expect(valueOn(page, `push_time_seconds{${LABELS}}`)).toBeCloseTo(Date.now() / 1000, -2);
      expect(valueOn(page, `push_failure_time_seconds{${LABELS}}`)).toBe(0);
      parseExposition(page, 'text');
      parseExposition(await scrape(server, 'application/openmetrics-text'), 'openmetrics');
    });

    test('pushes with a header and gzip, adds to a group, and deletes it', async () => {
      const client = clientOf({ Authorization: `Bearer ${totals}`, 'Content-Encoding': 'gzip' });
      const other = new Registry();
      new Gauge({ name: 'batch_other', help: 'Other', registers: [other] }).set(1);
      await new Pushgateway(server.url, { headers: { Authorization: totals } }, other).pushAdd(at);
      expect(await pageValue(`batch_other{${LABELS}}`)).toBe(1);
      expect(await pageValue(`batch_level{${LABELS}}`)).toBe(5);
      // This push replaces the whole group.
      await client.push(at);
      expect(await pageValue(`batch_other{${LABELS}}`)).toBeUndefined();
      expect(await pageValue(`batch_level{${LABELS}}`)).toBe(5);
      expect((await client.delete(at)).resp).toMatchObject({ statusCode: 202 });
      expect(await scrape(server)).not.toContain('night batch');
      const { samples } = await getJson<{ samples: { value: number | null }[] }>(
        server,
        '/api/history/samples?metric=batch_runs_total',
      );
      expect(samples.map(({ value }) => value)).toEqual([3, 5, 5, null]);
    });

    test('is told why it is refused', async () => {
      await expect(clientOf({}, 'anybody:wrong').push(at)).rejects.toThrow('status 401');
      await send('/metrics/job/first', '# TYPE batch_level counter\nbatch_level 1\n', { method: 'PUT' });
      const bad = new Registry();
      new Counter({ name: 'batch_level', help: 'Another type', registers: [bad] }).inc();
      await expect(new Pushgateway(server.url, { headers: { Authorization: totals } }, bad).push(at)).rejects.toThrow(
        /status 400.*Line 3: batch_level/s,
      );
    });
  });

  describe('POST /api/push', () => {
    test('adds deltas, replaces gauges and keeps times', async () => {
      const now = Date.now();
      const page = `# TYPE pushed_total counter\npushed_total{a="1"} 2\n# TYPE pushed gauge\npushed 5 ${now - 5_000}\n`;
      for (let round = 0; round < 2; round++) {
        const response = await send('/api/push', page);
        expect([response.status, await response.text()]).toEqual([202, '']);
      }
      await send('/api/push', `pushed 1 ${now - 60_000}\n`);
      expect(await pageValue('pushed_total{a="1"}')).toBe(4);
      expect(await pageValue('pushed')).toBe(5);
      const { samples } = await getJson<{ samples: { at: string; value: number }[] }>(
        server,
        '/api/history/samples?metric=pushed',
      );
      expect(samples.map(({ at, value }) => [Date.parse(at), value])).toEqual([
        [now - 60_000, 1],
        [now - 5_000, 5],
        [now - 5_000, 5],
      ]);
    });

    test('reads OpenMetrics and gzip', async () => {
      const at = Math.floor(Date.now() / 1000) - 10;
      const body =
        `# TYPE om_seconds counter\n# UNIT om_seconds seconds\nom_seconds_total 1.5 ${at}.25 # {trace_id="x"} 1\n` +
        `om_seconds_created 1\n# EOF\n`;
      const response = await send('/api/push', gzipSync(body), {
        headers: {
          'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
          'Content-Encoding': 'gzip',
        },
      });
      expect(response.status).toBe(202);
      expect(await pageValue('om_seconds_total')).toBe(1.5);
      const { samples } = await getJson<{ samples: { at: string }[] }>(
        server,
        '/api/history/samples?metric=om_seconds_total',
      );
      expect(Date.parse(samples[0]!.at)).toBe(at * 1000 + 250);
    });

    test('reads frames of Snappy, with the same limits as gzip', async () => {
      const snappy = { method: 'PUT', headers: { 'Content-Encoding': 'snappy' } };
      const put = (body: Buffer) => send('/metrics/job/snappy', body, snappy);
      const comments = `# ${'x'.repeat(100)}\n`.repeat(2_000);
      expect((await put(snappyFrames(`${comments}snappy_level 7\n`))).status).toBe(200);
      expect(await pageValue('snappy_level{job="snappy"}')).toBe(7);
      const frame = snappyDataFrame(Buffer.alloc(65_536, '\n'));
      const large = Buffer.concat([SNAPPY_IDENTIFIER, ...Array.from({ length: 90 }, () => frame)]);
      expect((await put(large)).status).toBe(413);
      // Clients of remote write send the block format, and something else than an exposition.
      expect(await messageOf(await put(Buffer.from(snappyCompress(Buffer.from('snappy_level 8\n')))))).toContain(
        'framing format',
      );
      const json = await send('/api/client/metrics/custom', '{}', {
        headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/json' },
      });
      expect(json.status).toBe(415);
    });

    test('accepts a page as a whole or not at all', async () => {
      const before = await scrape(server);
      const response = await send('/api/push', 'whole_a 1\nwhole_b 2\nwhole_total -1\n');
      expect(response.status).toBe(400);
      expect(await messageOf(response)).toMatch(/^Line 3: whole_total is a counter that takes deltas.*Nothing of this/);
      const unread = await send('/api/push', 'whole_a 1\nwhole_b\n');
      expect([unread.status, await messageOf(unread)]).toEqual([
        400,
        'Line 2: whole_b has no value. Nothing of this exposition was stored.',
      ]);
      const custom = (page: string) => page.slice(page.indexOf('# HELP batch_'));
      expect(custom(await scrape(server))).toBe(custom(before));
      expect((await send('/api/push', '')).status).toBe(202);
    });

    test('checks the token before it reads, and says which formats it accepts', async () => {
      expect((await send('/api/push', 'a', { headers: { Authorization: '' } })).status).toBe(401);
      expect((await send('/api/push', 'a', { headers: { Authorization: ADMIN_TOKEN } })).status).toBe(403);
      expect((await send('/metrics/job/x', 'a', { headers: { Authorization: 'Basic %%%' } })).status).toBe(401);
      const protobuf = await send('/api/push', 'x', {
        headers: { 'Content-Type': 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily' },
      });
      expect([protobuf.status, await messageOf(protobuf)]).toEqual([415, expect.stringContaining('text/plain')]);
      expect((await send('/api/push', 'x', { headers: { 'Content-Encoding': 'br' } })).status).toBe(415);
      expect((await send('/api/push', Buffer.from([0x61, 0xff, 0x0a]))).status).toBe(400);
      expect(
        (await send('/api/push', gzipSync('# \n'.repeat(3_000_000)), { headers: { 'Content-Encoding': 'gzip' } }))
          .status,
      ).toBe(413);
      expect((await send('/metrics/job/%ff', 'a 1\n', { method: 'PUT' })).status).toBe(400);
    });
  });

  describe('groups', () => {
    const put = (path: string, body: string, token = totals) =>
      send(path, body, { method: 'PUT', headers: { Authorization: token } });

    test('leave alone what others have pushed with the same labels', async () => {
      await send('/api/push', 'shared{job="shared"} 1\n');
      await put('/metrics/job/shared', 'shared_b 1\n');
      await put('/metrics/job/shared', 'shared_c 1\n');
      await send('/metrics/job/shared', undefined, { method: 'DELETE', headers: { Authorization: totals } });
      expect(await pageValue('shared{job="shared"}')).toBe(1);
      expect(await pageValue('shared_c{job="shared"}')).toBeUndefined();
    });

    test('are separate for tokens with other labels, and shared by all other tokens', async () => {
      const team = await createToken(server, { labels: { team: 'x' } });
      const same = await createToken(server, {});
      await put('/metrics/job/teams', 'teams 1\n');
      await put('/metrics/job/teams', 'teams 2\n', team);
      await send('/metrics/job/teams', undefined, { method: 'DELETE', headers: { Authorization: same } });
      expect(await pageValue('teams{job="teams"}')).toBeUndefined();
      expect(await pageValue('teams{job="teams",team="x"}')).toBe(2);
    });

    test('keep the total of a counter that takes deltas over a delete', async () => {
      await put('/metrics/job/deltas', 'deltas_total 2\n', INGEST_TOKEN);
      await send('/metrics/job/deltas', undefined, { method: 'DELETE' });
      expect(await pageValue('deltas_total{job="deltas"}')).toBeUndefined();
      await put('/metrics/job/deltas', 'deltas_total 3\n', INGEST_TOKEN);
      expect(await pageValue('deltas_total{job="deltas"}')).toBe(5);
    });

    test('replace samples that were pushed with a time in the future', async () => {
      await put('/metrics/job/ahead', `ahead_a 1 ${Date.now() + 300_000}\n`);
      await put('/metrics/job/ahead', 'ahead_b 1\n');
      expect(await pageValue('ahead_a{job="ahead"}')).toBeUndefined();
    });

    test('tell when a push was last refused', async () => {
      await put('/metrics/job/refusals', 'refusals 1\nrefusals 2\n');
      expect(await pageValue('push_failure_time_seconds{job="refusals"}')).toBeCloseTo(Date.now() / 1000, -2);
      expect(await pageValue('push_time_seconds{job="refusals"}')).toBe(0);
    });

    test('are replaced even if they have more series than fit into one request', async () => {
      const small = await startServer({ DATABASE_URL: server.databaseUrl, INGEST_MAX_SAMPLES: '5' });
      const page = (name: string) => Array.from({ length: 3 }, (_, x) => `${name}{x="${x}"} 1\n`).join('');
      const to = (body: string) =>
        fetch(`${small.url}/metrics/job/many`, { method: 'PUT', headers: { Authorization: totals }, body });
      expect((await to(page('many_a'))).status).toBe(200);
      expect((await to(page('many_b'))).status).toBe(200);
      const shown = await scrape(small);
      expect(shown).not.toContain('many_a{');
      expect(shown.match(/^many_b\{/gm)).toHaveLength(3);
      const tooMany = await to(`${page('many_b')}${page('many_c')}`);
      expect([tooMany.status, await messageOf(tooMany)]).toEqual([400, expect.stringContaining('INGEST_MAX_SAMPLES')]);
      await small.kill();
    });
  });

  test('GET /metrics stays the exposition, even on its own port, and PUSHGATEWAY_PATHS=false leaves no other path', async () => {
    const apart = await startServer({
      DATABASE_URL: server.databaseUrl,
      METRICS_PORT: '0',
      PUSHGATEWAY_PATHS: 'false',
    });
    const put = (base: string) =>
      fetch(`${base}/metrics/job/apart`, { method: 'PUT', headers: { Authorization: totals }, body: 'apart 1\n' });
    expect((await put(apart.url)).status).toBe(404);
    await apart.kill();
    const other = await startServer({ DATABASE_URL: server.databaseUrl, METRICS_PORT: '0' });
    expect((await put(other.url)).status).toBe(200);
    expect((await put(new URL(other.metricsUrl).origin)).status).toBe(404);
    expect(valueOn(await scrape(other), 'apart{job="apart"}')).toBe(1);
    expect((await fetch(`${other.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${other.url}/metrics/job/apart`)).status).toBe(404);
    await other.kill();
  });
});
