import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, INGEST_TOKEN, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Longest wait for an answer on a busy machine. */
const ANSWER_MS = 30_000;

/** A process may start slowly on a busy machine. */
const START = { limitMs: 120_000 };

/** An answer that is read whole. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends a request on a new connection, which goes to another process than the one before. */
async function ask(
  url: string,
  {
    body = '',
    headers = {},
    agent = false,
  }: { body?: string; headers?: Record<string, string>; agent?: http.Agent | false } = {},
): Promise<Answer> {
  const method = body === '' ? 'GET' : 'POST';
  // A connection that is lost must be closed, so that its client does not wait for it.
  const request = http.request(url, { method, agent, headers, signal: AbortSignal.timeout(ANSWER_MS) });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const parts = (await response.toArray()) as Buffer[];
  return { status: response.statusCode!, text: Buffer.concat(parts).toString() };
}

function pushOnce(url: string, name: string, agent: http.Agent | false = false): Promise<Answer> {
  return ask(`${url}/api/client/metrics/custom`, {
    body: JSON.stringify({ metrics: [{ name, value: 1 }] }),
    agent,
    headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' },
  });
}

async function scrapeOnce({ metricsUrl }: TestServer): Promise<string> {
  const { status, text } = await ask(metricsUrl);
  expect(status).toBe(200);
  return text;
}

/** Returns the process ids of all processes that have opened the port so far, in the order in which they did. */
const pidsOf = (server: TestServer) =>
  server
    .output()
    .split('\n')
    .filter((line) => line.includes('"message":"Listening on '))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

/**
 * Repeats a request until nothing listens on the port. Each request is answered or its connection is closed, so that none waits for
 * an answer that never comes.
 */
async function askUntilClosed(url: string): Promise<void> {
  const asked: Promise<unknown>[] = [];
  let isClosed = false;
  for (; !isClosed; await sleep(2)) {
    const asking = ask(url).catch((error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError') throw error;
      isClosed ||= error.code === 'ECONNREFUSED';
    });
    asked.push(asking);
  }
  await Promise.all(asked);
}

const countOf = (text: string, part: string) => text.split(part).length - 1;

describe('a server of two processes', () => {
  let database: TestDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({
      DATABASE_URL: database.url,
      PROCESSES: '2',
      METRICS_PORT: '0',
      PROMQL_OPEN_PORT: '0',
      DATABASE_POOL_SIZE: '100',
      STORE_WAIT_MS: '60000',
      // Running requests have to survive the stop on a busy machine, too.
      SHUTDOWN_TIMEOUT_MS: '100000',
    });
  });

  afterAll(async () => {
    await server?.kill();
    await database.drop();
  });

  /** Scrapes until the returned function is called, which returns every fall of a counter. */
  function watch(name: string): () => Promise<string[]> {
    const falls: string[] = [];
    let isOver = false;
    const watching = (async () => {
      for (let last = 0; !isOver; await sleep(30)) {
        // A scrape that the killed process was answering fails, as it does on a single process.
        const page = await scrapeOnce(server).catch(() => undefined);
        if (page === undefined) continue;
        const value = valueOn(page, name) ?? 0;
        if (value < last) falls.push(`${last} → ${value}`);
        last = value;
      }
    })();
    return async () => {
      isOver = true;
      await watching;
      return falls;
    };
  }

  it('is ready with its first process, and says once how to go on', async () => {
    expect((await ask(`${server.url}/health/ready`)).status).toBe(200);
    await eventually(() => expect(server.output()).toContain('Process 2 of 2 is ready.'), START);
    expect(countOf(server.output(), 'Custom metrics, kept: ready at')).toBe(1);
    expect(new Set(pidsOf(server)).size).toBe(2);
    expect(pidsOf(server)).not.toContain(server.process.pid);
  });

  it('says it if Postgres has too few connections', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<Record<'max' | 'reserved', string>>(
      `SELECT current_setting('max_connections') AS max, current_setting('superuser_reserved_connections') AS reserved`,
    );
    await client.end();
    const available = Number(rows[0]!.max) - Number(rows[0]!.reserved);
    const warning = `2 processes may open 200 connections .* Postgres has only ${available} `;
    // The Postgres of the test run has fewer, but a cluster of the developer may have more.
    expect(new RegExp(warning).test(server.output())).toBe(available < 200);
  });

  it('shows the own metrics of both processes, both of which answer', async () => {
    for (let index = 0; index < 12; index++) expect((await pushOnce(server.url, 'spread_total')).status).toBe(202);
    const page = await scrapeOnce(server);
    const accepted = ['1', '2'].map((number) =>
      valueOn(page, `custom_metrics_samples_accepted_total{process="${number}"}`),
    );
    expect(accepted[0]! + accepted[1]!).toBe(12);
    expect(Math.min(...(accepted as number[]))).toBeGreaterThan(0);
    expect(page).toMatch(/^process_resident_memory_bytes\{process="1"\} \d+$/m);
    expect(page).toMatch(/^process_resident_memory_bytes\{process="2"\} \d+$/m);
  });

  it('answers on its other ports', async () => {
    const promqlUrl = /PromQL without a token at (http:[^\s"]+)/.exec(server.output())![1]!;
    for (let index = 0; index < 4; index++) {
      expect((await ask(`${promqlUrl}/query?query=1`)).status).toBe(200);
      expect((await ask(`${server.url}/metrics`)).status).toBe(404);
    }
  });

  it('returns every sample to a reader of the other process', async () => {
    for (let round = 0; round < 6; round++) {
      const name = `asked_${round}_total`;
      expect((await pushOnce(server.url, name)).status).toBe(202);
      const { text } = await ask(`${server.url}/api/history/samples?metric=${name}`, {
        headers: { Authorization: ADMIN_TOKEN },
      });
      expect((JSON.parse(text) as { samples: unknown[] }).samples).toHaveLength(1);
    }
  });

  it('never shows a counter that falls, although one process learns later what the other one has accepted', async () => {
    const stopWatching = watch('race_total');
    // A connection stays with its process.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 80; round++) {
      await pushOnce(server.url, 'race_total', agent);
      await sleep(10);
    }
    agent.destroy();
    expect(await stopWatching()).toEqual([]);
    await eventually(async () => expect(valueOn(await scrapeOnce(server), 'race_total')).toBe(80));
  });

  it('loses nothing that it has acknowledged when a process is killed, and starts that process again', async () => {
    const [victim] = pidsOf(server);
    const stopWatching = watch('killed_total');
    let acknowledged = 0;
    let isOver = false;
    const pushers = Array.from({ length: 4 }, async () => {
      for (; !isOver; await sleep(5)) {
        const answer = await pushOnce(server.url, 'killed_total').catch((error: Error) => {
          if (error.name === 'AbortError') throw error;
        });
        if (answer?.status === 202) acknowledged++;
      }
    });
    await eventually(() => expect(acknowledged).toBeGreaterThan(50));
    // The first process is the one that answers scrapes.
    process.kill(victim!, 'SIGKILL');
    const before = acknowledged;
    await eventually(() => expect(acknowledged).toBeGreaterThan(before + 50));
    await eventually(() => expect(pidsOf(server)).toHaveLength(3), START);
    isOver = true;
    await Promise.all(pushers);
    expect(server.output()).toContain(`Process 1 (pid ${victim}) has ended by SIGKILL. It is started again in `);
    // A request whose answer was lost with the process may be stored.
    await eventually(async () => {
      const shown = valueOn(await scrapeOnce(server), 'killed_total')!;
      expect(shown).toBeGreaterThanOrEqual(acknowledged);
      expect(shown).toBeLessThanOrEqual(acknowledged + 4);
    });
    expect(await stopWatching()).toEqual([]);
  });

  it('says once that its port is in use', async () => {
    const failed = startServer({ DATABASE_URL: database.url, PROCESSES: '2', PORT: new URL(server.url).port });
    const message = await failed.then(
      (started) => started.kill().then(() => 'started'),
      (error: Error) => error.message,
    );
    expect(message).toContain('The server ended with 1:');
    expect(countOf(message, 'is in use by another program')).toBe(1);
  });

  it('finishes running requests on SIGTERM, and ends with 0', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const body = JSON.stringify({ metrics: [{ name: 'last_words_total', value: 1 }] });
      const requests = Array.from({ length: 4 }, () =>
        http.request(`${server.url}/api/client/metrics/custom`, {
          method: 'POST',
          agent: false,
          headers: {
            Authorization: INGEST_TOKEN,
            'Content-Type': 'application/json',
            'Content-Length': body.length,
            Expect: '100-continue',
          },
        }),
      );
      for (const request of requests) request.flushHeaders();
      await Promise.all(requests.map((request) => once(request, 'continue')));
      const stopped = server.stop();
      await askUntilClosed(`${server.url}/health/live`);
      for (const request of requests) request.end(body);
      const answers = await Promise.all(
        requests.map(async (request) => ((await once(request, 'response')) as [http.IncomingMessage])[0].statusCode),
      );
      expect(answers).toEqual([202, 202, 202, 202]);
      expect(await stopped).toBe(0);
      const { rows } = await client.query(`SELECT sum(value) FROM metric_sample WHERE metric = 'last_words_total'`);
      expect(Number(rows[0].sum)).toBe(4);
    } finally {
      await client.end();
    }
    expect(countOf(server.output(), '"message":"Stopped."')).toBe(3);
  });
});
