import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import pg from 'pg';
import { AnswerDroppingProxy } from '../support/answer-dropping-proxy.js';
import { INGEST_TOKEN, getJson, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLIENT = path.join(ROOT, 'client/dist/esm/index.js');
const MAX_BUNDLE_BYTES = 5 * 1_024;

/** Time for which the server is unavailable. For a longer test, set CLIENT_OUTAGE_SECONDS=60. */
const OUTAGE_SECONDS = Number(process.env.CLIENT_OUTAGE_SECONDS ?? 4);

/** An app in a separate process, which imports the published files. */
interface App {
  readonly process: ChildProcess;
  /** Waits until the app prints a line that begins with a word, and returns the rest of the line. */
  said(word: string): Promise<string>;
  /** Waits for the end of the app and returns its exit code. */
  ended(): Promise<number | null>;
}

describe('the client', () => {
  let database: TestDatabase;
  let server: TestServer;
  let proxy: AnswerDroppingProxy;
  let apps: ChildProcess[];

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url });
  });

  beforeEach(async () => {
    apps = [];
    proxy = new AnswerDroppingProxy();
    await proxy.start(server.url);
  });

  afterEach(async () => {
    for (const app of apps) app.kill('SIGKILL');
    await proxy.stop();
  });

  afterAll(async () => {
    await server?.kill();
    await database.drop();
  });

  /**
   * Runs an app with a client.
   *
   * @param code the program, which can use `client` and `sleep`
   * @param options the options of the client, as code
   */
  function run(code: string, options = '', url = proxy.url): App {
    const script = `
      import { setTimeout as sleep } from 'node:timers/promises';
      import { MetricsClient } from ${JSON.stringify(pathToFileURL(CLIENT).href)};
      const client = new MetricsClient({ url: ${JSON.stringify(url)}, token: process.env.TOKEN, ${options} });
      ${code}`;
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH, TOKEN: INGEST_TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    apps.push(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const exited = once(child, 'close') as Promise<[number | null]>;
    return {
      process: child,
      said: async (word) => {
        for (;;) {
          const line = new RegExp(`^${word} ?(.*)\n`, 'm').exec(text);
          if (line !== null) return line[1]!;
          if (child.exitCode !== null) throw new Error(`The app ended with ${child.exitCode} and said:\n${text}`);
          await sleep(10);
        }
      },
      ended: async () => (await exited)[0],
    };
  }

  /** Returns the sum of all raw samples, both from the database and from the history. */
  async function storedSum(metric: string): Promise<[database: number, history: number]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ sum: number }>(
      'SELECT sum(value) AS sum FROM metric_sample WHERE metric = $1',
      [metric],
    );
    await client.end();
    const answer = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      `/api/history/query?metric=${metric}&aggregate=sum&from=-1h&step=1h`,
    );
    const values = answer.series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
    return [rows[0]!.sum, values.reduce((sum, value) => sum + value, 0)];
  }

  test('10,000 increments are counted exactly, although every third answer is lost after the commit', async () => {
    proxy.dropEvery = 3;
    const app = run(
      `
      const counter = client.counter('increments_total', { help: 'Increments' });
      const histogram = client.histogram('request_seconds', { buckets: [0.1, 1] });
      for (let n = 0; n < 10_000; n++) {
        counter.add(1);
        histogram.observe(n % 4 === 0 ? 0.0625 : 2);
        client.gauge('last_increment').set(n);
        if (n % 500 === 499) await sleep(60);
      }
      // On a busy machine, most of the data goes in a few requests, so more are sent until enough of them have failed.
      while (client.stats.failedAttempts < 5) {
        client.gauge('last_increment').set(9_999);
        await client.flush();
      }
      console.log('closed', await client.close({ timeoutMs: 50_000 }), JSON.stringify(client.stats));`,
      'intervalMs: 50',
    );
    expect(await app.said('closed')).toContain('true');
    expect(await app.ended()).toBe(0);
    expect(proxy.dropped).toBeGreaterThan(4);
    expect(proxy.replayed).toBe(proxy.dropped);
    const page = await scrape(server);
    expect(page).toContain('# HELP increments_total Increments\n# TYPE increments_total counter\n');
    expect(valueOn(page, 'increments_total')).toBe(10_000);
    expect(await storedSum('increments_total')).toEqual([10_000, 10_000]);
    expect(valueOn(page, 'request_seconds_bucket{le="0.1"}')).toBe(2_500);
    expect(valueOn(page, 'request_seconds_bucket{le="1"}')).toBe(2_500);
    expect(valueOn(page, 'request_seconds_bucket{le="+Inf"}')).toBe(10_000);
    expect(valueOn(page, 'request_seconds_count')).toBe(10_000);
    expect(valueOn(page, 'request_seconds_sum')).toBe(2_500 * 0.0625 + 7_500 * 2);
    expect(valueOn(page, 'last_increment')).toBe(9_999);
  });

  test(
    'while the server is unavailable, memory stays bounded and nothing is lost',
    async () => {
      const app = run(
        `
      const counter = client.counter('outage_total');
      let added = 0;
      const add = (rounds) => {
        for (let n = 0; n < rounds * 300; n++, added++) counter.add(1, { n: n % 300, label: 'x'.repeat(50) });
      };
      const heapBytes = () => (gc(), process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
      add(10);
      await client.flush();
      console.log('ready');
      await sleep(200);
      add(100);
      while (client.stats.queuedBatches < 8) { add(10); await sleep(50); }
      const before = heapBytes();
      const until = performance.now() + ${OUTAGE_SECONDS * 1_000};
      while (performance.now() < until) { add(10); await sleep(20); }
      const { queuedBatches, openSeries } = client.stats;
      console.log('waited', JSON.stringify({ grownBytes: heapBytes() - before, queuedBatches, openSeries }));
      const busy = setInterval(() => undefined, 1_000);
      await new Promise((resolve) => process.once('SIGUSR2', resolve));
      clearInterval(busy);
      const isSent = await client.close({ timeoutMs: 50_000 });
      console.log('closed', JSON.stringify({ isSent, added, dropped: client.stats.dropped }));`,
        'intervalMs: 50, maxQueueBatches: 8',
      );
      await app.said('ready');
      proxy.backend = undefined;
      await server.kill();
      const { grownBytes, ...waiting } = JSON.parse(await app.said('waited')) as Record<string, number>;
      expect(waiting).toEqual({ queuedBatches: 8, openSeries: 300 });
      expect(grownBytes).toBeLessThan(2 * 2 ** 20);
      server = await startServer({ DATABASE_URL: database.url });
      proxy.backend = server.url;
      app.process.kill('SIGUSR2');
      const { added, ...outcome } = JSON.parse(await app.said('closed')) as Record<string, unknown>;
      expect(outcome).toEqual({ isSent: true, dropped: {} });
      expect(await storedSum('outage_total')).toEqual([added, added]);
    },
    OUTAGE_SECONDS * 1_000 + 240_000,
  );

  test('waits as long as an overloaded server asks', async () => {
    proxy.refusals = [429, 503].map((status) => ({ status, retryAfterSeconds: 1 }));
    const app = run(`
      client.counter('overload_total').add(7);
      const start = performance.now();
      console.log('flushed', await client.flush(), Math.round(performance.now() - start));`);
    const [isSent, tookMs] = (await app.said('flushed')).split(' ');
    expect(isSent).toBe('true');
    expect(Number(tookMs)).toBeGreaterThan(1_990);
    expect(await app.ended()).toBe(0);
    expect(valueOn(await scrape(server), 'overload_total')).toBe(7);
  });

  test('is flushed when the app is asked to stop', async () => {
    const app = run(`
      process.once('SIGTERM', async () => {
        await client.close();
        process.exitCode = 3;
        clearInterval(busy);
      });
      const busy = setInterval(() => undefined, 1_000);
      for (let n = 0; n < 2_500; n++) client.counter('shutdown_total').add(1, { n });
      console.log('ready');`);
    await app.said('ready');
    app.process.kill('SIGTERM');
    expect(await app.ended()).toBe(3);
    expect(await storedSum('shutdown_total')).toEqual([2_500, 2_500]);
  });

  test('does not keep an app from ending, except during a flush', async () => {
    const idle = run(`client.counter('idle_total').add(1);`, '', 'http://127.0.0.1:1');
    expect(await idle.ended()).toBe(0);
    const closing = run(
      `client.counter('idle_total').add(1);
       console.log('closed', await client.close({ timeoutMs: 1_000 }), JSON.stringify(client.stats.dropped));`,
      '',
      'http://127.0.0.1:1',
    );
    expect(await closing.said('closed')).toBe('false {"closed":1}');
    expect(await closing.ended()).toBe(0);
  });

  test('works as its page of the documentation describes', async () => {
    const page = readFileSync(path.join(ROOT, 'docs/client.md'), 'utf8');
    const example = /^## In Node\n[\s\S]*?^```js\n([\s\S]*?)^```/m.exec(page)![1]!;
    const app = spawn(
      process.execPath,
      ['--input-type=module', '-e', `${example} setInterval(() => undefined, 1_000); console.log('ready');`],
      {
        // In this folder, the name of the package resolves to its own exports.
        cwd: ROOT,
        env: { PATH: process.env.PATH, METRICS_URL: server.url, INGEST_TOKEN },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    apps.push(app);
    const ended = once(app, 'exit');
    await once(app.stdout, 'data');
    app.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const text = await scrape(server);
    expect(valueOn(text, 'orders_total{app="shop"}')).toBe(1);
    expect(valueOn(text, 'orders_total{app="shop",country="de",express="true"}')).toBe(3);
    expect(valueOn(text, 'queue_depth{app="shop"}')).toBe(17);
    expect(valueOn(text, 'request_seconds_bucket{app="shop",le="0.5",route="/cart"}')).toBe(1);
  });

  test('is small and self-contained, and runs without Node.js', async () => {
    const bundle = (format: 'esm' | 'iife') =>
      buildSync({
        entryPoints: [CLIENT],
        bundle: true,
        minify: true,
        format,
        globalName: format === 'iife' ? 'lib' : undefined,
        target: 'es2022',
        platform: 'browser',
        write: false,
      }).outputFiles[0]!.text;
    const minified = bundle('esm');
    const gzipBytes = gzipSync(minified, { level: 9 }).length;
    process.stdout.write(`client: ${minified.length} bytes minified, ${gzipBytes} bytes gzipped\n`);
    expect(gzipBytes).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);

    const browser = vm.createContext({
      AbortController,
      Blob,
      CompressionStream,
      Response,
      TextEncoder,
      URL,
      console,
      crypto,
      fetch,
      // In a browser, a timer is a number.
      setTimeout: (task: () => void, ms: number) => Number(setTimeout(task, ms)),
      clearTimeout: (id: number) => clearTimeout(id),
      location: { href: `${server.url}/app/index.html` },
      TOKEN: INGEST_TOKEN,
    });
    const isSent: unknown = await vm.runInContext(
      `${bundle('iife')}
      const client = new lib.MetricsClient({ url: '/', token: TOKEN });
      for (let n = 0; n < 100; n++) client.counter('browser_total').add(1, { n });
      client.close();`,
      browser,
    );
    expect(isSent).toBe(true);
    expect(await storedSum('browser_total')).toEqual([100, 100]);
  });
});
