import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLIENT_FOLDER = path.join(ROOT, 'client/dist/esm');
const BROWSER = ['chromium', 'google-chrome'].find((program) => spawnSync(program, ['--version']).status === 0);

/** Where docs/client.md has it: in the proxy of the page's own origin. */
const PROXY_PATH = '/metrics-proxy';

(BROWSER === undefined ? describe.skip : describe)('the client in a real browser (needs chromium)', () => {
  let database: TestDatabase;
  let server: TestServer;
  let site: Server;
  let siteUrl: string;
  let browser: ChildProcess | undefined;
  let profile: string;
  /** Scripts by the path of their page. */
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url });
    site = createServer((request, response) => {
      serve(request, response).catch(() => response.destroy());
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
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
    // Its other processes write for a moment longer.
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });

  afterAll(async () => {
    site.closeAllConnections();
    site.close();
    await server?.kill();
    await database.drop();
  });

  /** The pages, and the proxy that an app's own origin has. */
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

  /** The example of the page about the client, with the token of the tests; @param code follows it */
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

  test('sends what it has when it is told to', async () => {
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

  test('sends what it has when its page is left', async () => {
    scripts.set(
      '/left.html',
      await example(`
        metrics.counter('left_total').add(2);
        setTimeout(() => (location.href = '/elsewhere.html'), 100);`),
    );
    open('/left.html');
    await arrival('left_total', 2);
  });

  test('sends a batch that is worth compressing when its page is left', async () => {
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
