import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { checkPage } from './page-check.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist', 'server/main.js');
const START_TIMEOUT_MS = 120_000;

/** The tokens that every test server has by default, also after a restart. */
export const INGEST_TOKEN = `test:development.${'b'.repeat(56)}`;
export const ADMIN_TOKEN = `*:*.${'a'.repeat(56)}`;

/** A frontend token, which a server accepts if INIT_FRONTEND_API_TOKENS contains it. */
export const FRONTEND_TOKEN = `test:development.${'f'.repeat(56)}`;

/** The compiled server in a separate process. */
export interface TestServer {
  readonly url: string;
  /** The URL of the exposition. With METRICS_PORT, its port differs from that of `url`. */
  readonly metricsUrl: string;
  readonly process: ChildProcess;
  /** Returns everything that the server has printed so far. */
  output(): string;
  /** Checks the expositions of the server, stops it as an orchestrator does, and returns the exit code. */
  stop(): Promise<number | null>;
  /** Ends the server as a crash does. */
  kill(): Promise<void>;
}

/**
 * Starts `dist/server/main.js` and waits until it is ready.
 *
 * @param environment the settings; the default of PORT is any free port
 * @param main the program
 * @param launcher a program, with its arguments, that replaces itself with the command that follows them, such as `nice`
 */
export async function startServer(
  environment: Record<string, string>,
  main = MAIN,
  launcher: readonly string[] = [],
): Promise<TestServer> {
  // Node.js would need a quarter of the CPU time of a start to read the source map. Set TEST_SOURCE_MAPS=1 to see the names of
  // source files in the stack traces of a server.
  const flags = process.env.TEST_SOURCE_MAPS === '1' ? ['--enable-source-maps'] : [];
  const [program, ...args] = [...launcher, process.execPath, ...flags, main];
  const child = spawn(program, args, {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FORMAT: 'json',
      INGEST_RATE_LIMIT_PER_MINUTE: '0',
      INIT_BACKEND_API_TOKENS: INGEST_TOKEN,
      INIT_ADMIN_API_TOKENS: ADMIN_TOKEN,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ready = new Promise<{ url: string; metricsUrl: string }>((resolve, reject) => {
    const timeout = setTimeout(() => {
      // The caller gets no handle with which it could end the process.
      child.kill('SIGKILL');
      reject(new Error(`The server did not start in time:\n${text}`));
    }, START_TIMEOUT_MS);
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const url = /ready at (http:\S+)/.exec(text)?.[1];
      const metricsUrl = /See:\s+curl (http:\S+)/.exec(text)?.[1];
      if (url === undefined || metricsUrl === undefined) return;
      clearTimeout(timeout);
      resolve({ url, metricsUrl });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(([code]) => {
      clearTimeout(timeout);
      reject(new Error(`The server ended with ${code}:\n${text}`));
    });
  });
  const { url, metricsUrl } = await ready;
  return {
    url,
    metricsUrl,
    process: child,
    output: () => text,
    stop: async () => {
      await checkPages(metricsUrl);
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A sample as a client writes it. */
export type Item = Record<string, unknown>;

/** Pushes a batch with Node's fetch. */
export function push(
  server: Pick<TestServer, 'url'>,
  metrics: readonly Item[],
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/api/client/metrics/custom`, {
    method: 'POST',
    headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ metrics }),
  });
}

/** Creates a token over HTTP, with the scope ingest by default, and returns its secret. */
export async function createToken(server: Pick<TestServer, 'url'>, wishes: Item = {}): Promise<string> {
  const response = await fetch(`${server.url}/api/admin/tokens`, {
    method: 'POST',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'jobs', scopes: ['ingest'], ...wishes }),
  });
  if (response.status !== 201) throw new Error(`tokens: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** Returns the JSON of an endpoint that needs the scope read or admin. Throws if the status is not 2xx. */
export async function getJson<T>(server: Pick<TestServer, 'url'>, pathAndQuery: string): Promise<T> {
  const response = await fetch(server.url + pathAndQuery, { headers: { Authorization: ADMIN_TOKEN } });
  if (!response.ok) throw new Error(`${pathAndQuery}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Returns the exposition as text, after the reference parser has checked it. */
export async function scrape(server: Pick<TestServer, 'metricsUrl'>, accept = 'text/plain'): Promise<string> {
  const response = await fetch(server.metricsUrl, { headers: { Accept: accept } });
  if (!response.ok) throw new Error(`scrape: ${response.status}`);
  const page = await response.text();
  await checkPage(page, isOpenMetrics(response) ? 'openmetrics' : 'text');
  return page;
}

function isOpenMetrics({ headers }: Response): boolean {
  return headers.get('content-type')!.startsWith('application/openmetrics-text');
}

/** Checks both formats of the exposition with reference parsers, including everything that a test has pushed. */
async function checkPages(metricsUrl: string): Promise<void> {
  for (const format of ['text', 'openmetrics'] as const) {
    const headers = { Accept: format === 'text' ? 'text/plain' : 'application/openmetrics-text' };
    // The server may have ended, be frozen, or require a token.
    const response = await fetch(metricsUrl, { headers, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    const page = response?.ok ? await response.text().catch(() => undefined) : undefined;
    if (page !== undefined) await checkPage(page, format, true);
  }
}

/** Returns the value of one series in an exposition, or undefined if the series is absent. */
export function valueOn(page: string, series: string): number | undefined {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1).replace('+Inf', 'Infinity'));
}
