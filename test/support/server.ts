import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { checkPage } from './page-check.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist', 'src/server/main.js');
const START_TIMEOUT_MS = 120_000;

/** Seeded into every test server, so that a restart keeps the tokens a test knows. */
export const INGEST_TOKEN = `test:development.${'b'.repeat(56)}`;
export const ADMIN_TOKEN = `*:*.${'a'.repeat(56)}`;

/** The compiled server in a process of its own. */
export interface TestServer {
  readonly url: string;
  /** Where the page is; another port than `url` with METRICS_PORT. */
  readonly metricsUrl: string;
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Checks its pages, stops it as an orchestrator does, and tells the exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/**
 * Starts `dist/src/server/main.js` and waits until it is ready.
 *
 * @param environment settings; PORT is any free one unless given
 */
export async function startServer(environment: Record<string, string>): Promise<TestServer> {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
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
      // Nobody gets a handle to end it by.
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

/** Asks an endpoint that needs the scope read or admin. */
export async function getJson<T>(server: Pick<TestServer, 'url'>, pathAndQuery: string): Promise<T> {
  const response = await fetch(server.url + pathAndQuery, { headers: { Authorization: ADMIN_TOKEN } });
  if (!response.ok) throw new Error(`${pathAndQuery}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The page as text, read by the reference parser as well. */
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

/** Lets reference parsers read both pages, with everything that a test has pushed. */
async function checkPages(metricsUrl: string): Promise<void> {
  for (const format of ['text', 'openmetrics'] as const) {
    const headers = { Accept: format === 'text' ? 'text/plain' : 'application/openmetrics-text' };
    // It may have ended, be frozen, or want a token.
    const response = await fetch(metricsUrl, { headers, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    const page = response?.ok ? await response.text().catch(() => undefined) : undefined;
    if (page !== undefined) await checkPage(page, format, true);
  }
}

/** The value of one series on a page; undefined if it is not there. */
export function valueOn(page: string, series: string): number | undefined {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1).replace('+Inf', 'Infinity'));
}
