import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, INGEST_TOKEN, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLIENT_FOLDER = path.join(ROOT, 'client/dist/esm');
const BROWSER = ['chromium', 'google-chrome'].find((program) => spawnSync(program, ['--version']).status === 0);

/** The path of the proxy on the page's own origin, as in docs/client.md. */
const PROXY_PATH = '/metrics-proxy';

(BROWSER === undefined ? describe.skip : describe)('the client in a real browser (needs chromium)', () => {
  let database: TestDatabase;
  let server: TestServer;
  let site: Server;
  let siteUrl: string;
  let browser: ChildProcess | undefined;
  let profile: string;
  /** The scripts, by the path of their page. */
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    database = await createTestDatabase();
    site = createServer((request, response) => {
      serve(request, response).catch(() => response.destroy());
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    server = await startServer({ DATABASE_URL: database.url, CORS_ALLOWED_ORIGINS: siteUrl });
  });

  beforeEach(async () => {
    profile = await mkdtemp(path.join(tmpdir(), 'custom-metrics-browser-'));
  });

  afterEach(async () => {
    if (browser !== undefined && browser.exitCode === null && browser.signalCode === null) {
      const exited = once(browser, 'exit');
      browser.kill('SIGKILL');
      await exited;
    }
    // Other processes of the browser still write for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });

  afterAll(async () => {
    site.closeAllConnections();
    site.close();
    await server?.kill();
    await database.drop();
  });

  /** Serves the pages, and the proxy that an app would have on its own origin. */
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url!;
    if (url.startsWith(PROXY_PATH)) {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const {
        authorization,
        'content-type': type,
        'content-encoding': encoding,
        'idempotency-key': key,
      } = request.headers;
      const answer = await fetch(server.url + url.slice(PROXY_PATH.length), {
        method: 'POST',
        headers: {
          Authorization: authorization!,
          'Content-Type': type!,
          'Idempotency-Key': key as string,
          ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
        },
        body: Buffer.concat(chunks),
      });
      response.writeHead(answer.status).end(await answer.text());
      return;
    }
    const script = scripts.get(url);
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>${url}</title>
      <script type="module">${script ?? ''}</script>`);
  }

  /**
   * Returns the example of docs/client.md with the token of the tests.
   *
   * @param code is appended to the example
   */
  async function example(code: string): Promise<string> {
    const page = await readFile(path.join(ROOT, 'docs/client.md'), 'utf8');
    const text = /^## In a browser\n[\s\S]*?^```js\n([\s\S]*?)^```/m.exec(page)![1]!;
    const source = text
      .replace('custom-metrics-client', './index.js')
      .replace('a-token-for-browsers', INGEST_TOKEN)
      .replace('gaugeTimestamps: false', 'gaugeTimestamps: false, intervalMs: 3_600_000');
    const { outputFiles } = buildSync({
      stdin: { contents: `${source}\n${code}`, resolveDir: CLIENT_FOLDER },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    return outputFiles[0]!.text;
  }

  function open(page: string): void {
    browser = spawn(
      BROWSER!,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--remote-debugging-port=0',
        `--user-data-dir=${profile}`,
        siteUrl + page,
      ],
      { stdio: 'ignore' },
    );
  }

  async function arrival(sample: string, value: number): Promise<void> {
    await eventually(async () => expect(valueOn(await scrape(server), sample)).toBe(value));
  }

  test('sends its data when it is flushed', async () => {
    scripts.set(
      '/flush.html',
      await example(`
        metrics.gauge('window_width').set(800);
        for (let n = 0; n < 400; n++) metrics.histogram('paint_seconds', { buckets: [0.1] }).observe(0.0625, { n: n % 40 });
        await metrics.flush();`),
    );
    open('/flush.html');
    await arrival('cart_opened_total{page="home"}', 1);
    await arrival('window_width', 800);
    await arrival('paint_seconds_bucket{le="0.1",n="39"}', 10);
  });

  test('sends its data to another origin that allows it, and asks it in PromQL', async () => {
    const code = await example(`
        for (let n = 0; n < 300; n++) metrics.counter('crossed_total').add(1, { n });
        await metrics.flush();
        const answer = await fetch('${server.url}/api/v1/query?query=count(crossed_total)', {
          headers: { Authorization: 'Bearer ${ADMIN_TOKEN}' },
        });
        metrics.gauge('crossed_series').set(Number((await answer.json()).data.result[0].value[1]));
        await metrics.flush();`);
    scripts.set('/crossed.html', code.replace('/metrics-proxy', server.url));
    open('/crossed.html');
    await arrival('crossed_series', 300);
  });

  test('sends its data when the page is left', async () => {
    scripts.set(
      '/left.html',
      await example(`
        metrics.counter('left_total').add(2);
        setTimeout(() => (location.href = '/elsewhere.html'), 100);`),
    );
    open('/left.html');
    await arrival('left_total', 2);
  });

  test('sends even a batch that is large enough to be compressed, when the page is left', async () => {
    scripts.set(
      '/left-with-more.html',
      await example(`
        for (let n = 0; n < 300; n++) metrics.counter('left_with_more_total').add(1, { n });
        setTimeout(() => (location.href = '/elsewhere.html'), 100);`),
    );
    open('/left-with-more.html');
    await arrival('left_with_more_total{n="299"}', 1);
  });
});
