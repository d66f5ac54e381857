import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { ADMIN_TOKEN, startServer } from '../support/server.js';
import { type ServiceUnderTest, serviceUnderTest } from '../support/service-under-test.js';
import { signIn } from '../support/sessions.js';
import { createTestDatabase } from '../support/test-database.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DIST = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist');
const PAGE = path.join(DIST, 'explorer');

/** What browsers send when a person opens an address. */
const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Asks for a path as it is, without the cleaning that `fetch` does, and without decompressing the answer. */
function askRaw(base: string, rawPath: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<RawAnswer>((resolve, reject) => {
    const { hostname, port } = new URL(base);
    request({ hostname, port, path: rawPath, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Returns the addresses that the page names, relative to it. */
function addressesIn(page: string): string[] {
  return [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
}

/** Opens an address as a browser does: follows redirects, loads every file that the page names, and asks its API. */
async function openAsBrowser(address: string): Promise<{ readonly url: string; readonly signedInBy: string }> {
  const answer = await fetch(address, { headers: BROWSER });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const page = await answer.text();
  const addresses = addressesIn(page);
  expect(addresses.length).toBeGreaterThan(2);
  for (const each of addresses) {
    const file = await fetch(new URL(each, answer.url));
    expect([each, file.status]).toEqual([each, 200]);
    await file.body?.cancel();
  }
  const apiBase = /<meta name="api-base" content="([^"]*)"/.exec(page)![1]!;
  const api = new URL('api/explorer/session', new URL(apiBase, answer.url));
  const session = await fetch(api, { method: 'POST', headers: { Authorization: ADMIN_TOKEN } });
  return { url: answer.url, ...((await session.json()) as { signedInBy: string }) };
}

describe('the explorer', () => {
  const server = serviceUnderTest({ METRICS_PORT: '0', PROMQL_OPEN_PORT: '0' });

  const files = () =>
    readdirSync(PAGE, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.gz'))
      .map((entry) => path.relative(PAGE, path.join(entry.parentPath, entry.name)));

  it('opens for a browser at the root of the server, with all that the page names', async () => {
    expect(await openAsBrowser(`${server.url}/`)).toMatchObject({
      url: `${server.url}/explorer/`,
      signedInBy: 'session',
    });
    expect((await openAsBrowser(`${server.url}/explorer`)).url).toBe(`${server.url}/explorer/`);
    expect((await openAsBrowser(`${server.url}/explorer///`)).url).toBe(`${server.url}/explorer/`);
  });

  it('does not open at the root for a client that is no browser', async () => {
    for (const Accept of ['*/*', 'application/json', 'text/plain', 'text/html;q=0', '']) {
      const answer = await askRaw(server.url, '/', { Accept });
      expect([Accept, answer.status, answer.headers.vary]).toEqual([Accept, 404, 'Accept']);
    }
    expect((await askRaw(server.url, '/')).status).toBe(404);
  });

  it('redirects relatively, so that a proxy may remove a prefix', async () => {
    expect((await askRaw(server.url, '/', BROWSER)).headers.location).toBe('explorer/');
    expect((await askRaw(server.url, '/explorer', BROWSER)).headers.location).toBe('explorer/');
    const proxy = await startPrefixProxy(server.url, '/a/b/');
    try {
      expect((await openAsBrowser(proxy.url)).url).toBe(`${proxy.url}explorer/`);
      expect((await openAsBrowser(`${proxy.url}explorer`)).signedInBy).toBe('session');
    } finally {
      proxy.stop();
    }
  });

  it('has a strict policy on every answer below its path, and on no other', async () => {
    for (const at of ['/explorer/', '/explorer', '/explorer/icon.svg', '/explorer/no-such-file']) {
      const { headers } = await askRaw(server.url, at);
      expect([at, headers['content-security-policy']]).toEqual([at, POLICY]);
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
    }
    for (const at of ['/', '/health/live', '/api/history/metrics', '/api/explorer/session', '/metrics']) {
      expect([at, (await askRaw(server.url, at)).headers['content-security-policy']]).toEqual([at, undefined]);
    }
  });

  it('sends every file as the build has made it, compressed if the client takes that', async () => {
    expect(files().length).toBeGreaterThan(4);
    for (const file of files()) {
      const plain = await askRaw(server.url, `/explorer/${file}`);
      const packed = await askRaw(server.url, `/explorer/${file}`, { 'Accept-Encoding': 'br, gzip' });
      expect([file, plain.status, plain.headers['content-encoding']]).toEqual([file, 200, undefined]);
      expect(plain.body.equals(readFileSync(path.join(PAGE, file)))).toBe(true);
      expect([file, packed.headers['content-encoding']]).toEqual([file, 'gzip']);
      expect(packed.body.equals(readFileSync(path.join(PAGE, `${file}.gz`)))).toBe(true);
      for (const { headers, body } of [plain, packed]) {
        expect([headers.vary, headers['content-length']]).toEqual(['Accept-Encoding', String(body.length)]);
        expect(headers['cache-control']).toBe(
          file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      }
      const head = await askRaw(server.url, `/explorer/${file}`, {}, 'HEAD');
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
        200,
        plain.headers['content-length'],
        0,
      ]);
    }
  });

  it('loads at most 90 KiB before somebody asks for more, and the editor is not among it', () => {
    const names = ['index.html', ...addressesIn(readFileSync(path.join(PAGE, 'index.html'), 'utf8'))];
    const bytes = names.reduce((sum, name) => sum + statSync(path.join(PAGE, `${name}.gz`)).size, 0);
    expect(bytes).toBeLessThan(90 * 1024);
    expect(names.filter((name) => name.includes('promql'))).toEqual([]);
    expect(files().filter((name) => name.includes('promql-code'))).not.toEqual([]);
  });

  test.each([
    '/explorer/../package.json',
    '/explorer/../../package.json',
    '/explorer/%2e%2e/%2e%2e/package.json',
    '/explorer/..%2f..%2fpackage.json',
    '/explorer/..%5c..%5cpackage.json',
    '/explorer/....//package.json',
    '/explorer/assets/../../server/main.js',
    '/explorer/index.html%00.js',
    `/explorer/${path.join(DIST, 'server/main.js')}`,
    '/explorer/assets',
    '/explorer/assets/',
    '/explorer/index.html.gz',
    '/explorer/__proto__',
    '/explorer/constructor',
    `/explorer/${'a/'.repeat(2_000)}`,
  ])('has no other files: %s', async (at) => {
    expect((await askRaw(server.url, at)).status).toBe(404);
  });

  it('refuses a path that cannot be decoded', async () => {
    expect((await askRaw(server.url, '/explorer/%ff')).status).toBe(400);
  });

  it('is not on the ports for metrics and for PromQL', async () => {
    const promqlUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    for (const url of [new URL(server.metricsUrl).origin, promqlUrl]) {
      for (const at of ['/', '/explorer/', '/api/explorer/session']) {
        expect([at, (await askRaw(url, at, BROWSER)).status]).toEqual([at, 404]);
      }
    }
  });
});

describe('the settings of the explorer', () => {
  const elsewhere: ServiceUnderTest = serviceUnderTest({ EXPLORER_PATH: 'look/here' });
  const without: ServiceUnderTest = serviceUnderTest({ EXPLORER: 'false' });

  it('move it to another path, from which it still finds the API', async () => {
    expect((await openAsBrowser(`${elsewhere.url}/`)).url).toBe(`${elsewhere.url}/look/here/`);
    expect(await openAsBrowser(`${elsewhere.url}/look/here`)).toMatchObject({
      url: `${elsewhere.url}/look/here/`,
      signedInBy: 'session',
    });
    expect((await askRaw(elsewhere.url, '/explorer/', BROWSER)).status).toBe(404);
  });

  it('switch it off, with its sessions', async () => {
    for (const [method, at] of [
      ['GET', '/'],
      ['GET', '/explorer'],
      ['GET', '/explorer/'],
      ['GET', '/explorer/icon.svg'],
      ['POST', '/api/explorer/session'],
      ['GET', '/api/explorer/session'],
      ['DELETE', '/api/explorer/session'],
    ] as const) {
      const { status } = await askRaw(without.url, at, { ...BROWSER, Authorization: ADMIN_TOKEN }, method);
      expect([method, at, status]).toEqual([method, at, 404]);
    }
    expect((await askRaw(without.url, '/api/history/metrics', { Authorization: ADMIN_TOKEN })).status).toBe(200);
  });
});

describe('a server whose explorer was not built', () => {
  it('starts, says so, and does everything else', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'no-explorer-'));
    const database = await createTestDatabase();
    cpSync(path.join(DIST, 'server'), path.join(folder, 'dist/server'), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
    const main = path.join(folder, 'dist/server/main.js');
    const server = await startServer({ DATABASE_URL: database.url }, main);
    try {
      expect(server.output()).toContain('The files of the explorer were not found');
      for (const at of ['/explorer/', '/explorer/assets/main.js']) {
        const { status, headers, body } = await askRaw(server.url, at, BROWSER);
        expect([status, headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
        expect(body.toString()).toContain('npm run build');
      }
      expect((await signIn(server, ADMIN_TOKEN)).scopes).toEqual(['read', 'admin']);
    } finally {
      await server.stop();
      await database.drop();
      rmSync(folder, { recursive: true });
    }
  });
});
