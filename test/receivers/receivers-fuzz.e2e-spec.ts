import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { readRoutes } from '../hostile/routes.js';
import { type ReceiverRequest, RECEIVER_REQUESTS } from '../support/receiver-requests.js';
import { parseExposition } from '../support/exposition-parser.js';
import { PRODUCTS } from '../support/multiplying-bodies.js';
import { mutate } from '../support/mutated-body.js';
import { SeededRandom } from '../support/seeded-random.js';
import { FRONTEND_TOKEN, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const SEED = Number(process.env.RECEIVERS_FUZZ_SEED ?? 1);
const ROUNDS = 40;

/** Routes without samples, a second path of one receiver, and our own endpoint, which short-path.e2e-spec.ts attacks. */
const ATTACKED_ELSEWHERE: ReadonlySet<string> = new Set([
  '/api/client/metrics/custom',
  '/api/client/register',
  '/api/frontend',
  '/api/frontend/client/register',
  '/metrics/job@base64/{grouping}',
]);

/**
 * Maximum time for an answer. On a busy machine, the slowest answer takes a second; without the limits of the receiver, it
 * would take minutes or all the memory.
 */
const ANSWER_TIMEOUT_MS = 30_000;

describe(`receivers under hostile bodies (seed ${SEED})`, () => {
  const server = serviceUnderTest({ INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN, OTLP_SCOPE_LABELS: 'true' });
  const random = new SeededRandom(SEED);

  afterEach(async () => {
    parseExposition(await scrape(server), 'text');
    expect(server.output()).not.toContain('"level":"error"');
  });

  async function send(
    { method, path, type, token, body }: ReceiverRequest,
    headers: Record<string, string> = {},
  ): Promise<number> {
    const response = await fetch(server.url + path, {
      method,
      headers: { Authorization: token, 'Content-Type': type, ...headers },
      body: Buffer.from(body),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Returns the answer of a server to raw bytes. The answer is empty if the server closes the connection without one. */
  async function sendBytes(...parts: readonly (string | Buffer)[]): Promise<string> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1'))).on('error', () => undefined);
    await once(socket, 'connect');
    for (const part of parts) socket.write(part);
    socket.end();
    await once(socket, 'close');
    return answer;
  }

  it('are all attacked: every route that takes samples', () => {
    const taking = readRoutes().filter(
      ({ formats, sender, path }) =>
        formats.length > 0 && ['ingest', 'frontend'].includes(sender) && !ATTACKED_ELSEWHERE.has(path),
    );
    for (const { method, path } of taking) {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '.+')}$`);
      const isAttacked = RECEIVER_REQUESTS.some((each) => each.method === method && pattern.test(each.path));
      expect([method, path, isAttacked]).toEqual([method, path, true]);
    }
  });

  it('accept a body of a real client', async () => {
    for (const each of RECEIVER_REQUESTS)
      expect({ path: each.path, isTaken: [200, 202, 204].includes(await send(each)) }).toEqual({
        path: each.path,
        isTaken: true,
      });
  });

  it('answer mutated bodies with less than 500', async () => {
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        RECEIVER_REQUESTS.map(async (each) => {
          const body = mutate(each.body, random);
          const isGzipped = random.isTrue(1 / 4);
          const gzipped = isGzipped ? gzipSync(body) : body;
          const status = await send(
            {
              ...each,
              body: isGzipped && random.isTrue(1 / 3) ? mutate(gzipped, random) : gzipped,
              type: random.isTrue(1 / 10) ? random.pick(RECEIVER_REQUESTS).type : each.type,
            },
            isGzipped ? { 'Content-Encoding': 'gzip' } : {},
          );
          if (status >= 500) throw new Error(`${each.path} answers ${status} to ${body.toString('base64')}`);
          seen.add(status);
        }),
      );
    }
    // If one of these were missing, the mutations would reach only some of the checks.
    expect([...seen]).toEqual(expect.arrayContaining([200, 202, 400, 415]));
  });

  it.each(PRODUCTS)('bound %s', async (_title, each) => {
    expect(each.body.length).toBeLessThan(5 * 1024 * 1024);
    expect(await send(each)).toBeLessThan(500);
  });

  it('inflate no bomb', async () => {
    // The requests are sent one after another, because concurrent ones could reuse a connection that the server is closing.
    const bomb = await promisify(gzip)(Buffer.alloc(100 * 1024 * 1024, 0x20));
    for (const each of RECEIVER_REQUESTS) {
      // Remote write is compressed by Snappy only, in a format that announces its length.
      const status = each.path === '/api/v1/write' ? 415 : 413;
      expect(await send({ ...each, body: bomb }, { 'Content-Encoding': 'gzip' })).toBe(status);
    }
  });

  it('answer unknown methods, and HEAD', async () => {
    for (const { path, token } of RECEIVER_REQUESTS) {
      for (const method of ['HEAD', 'OPTIONS', 'PATCH', 'GET']) {
        const { status } = await fetch(server.url + path, { method, headers: { Authorization: token } });
        expect(status).toBeLessThan(500);
      }
    }
  });

  it('refuse a body that is compressed by its transfer coding, and say so', async () => {
    for (const { method, path, type, token, body } of RECEIVER_REQUESTS) {
      const gzipped = gzipSync(body);
      for (const codings of ['gzip, chunked', 'GZIP ,chunked', 'x-other, chunked']) {
        const head =
          `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: ${type}\r\n` +
          `Transfer-Encoding: ${codings}\r\n\r\n${gzipped.length.toString(16)}\r\n`;
        const answer = await sendBytes(Buffer.concat([Buffer.from(head), gzipped, Buffer.from('\r\n0\r\n\r\n')]));
        expect([path, answer.slice(0, 12)]).toEqual([path, 'HTTP/1.1 501']);
        expect(answer).toMatch(/transfer coding[^]*Content-Encoding/);
      }
    }
  });

  it('survive bodies that break off', async () => {
    for (const { method, path, type, token, body } of RECEIVER_REQUESTS) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: ${type}\r\n`;
      const half = body.subarray(0, body.length / 2);
      for (const parts of [
        [`${head}Content-Length: ${body.length}\r\n\r\n`, half],
        [`${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, half],
        [`${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
        [`${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
        [`${head}Content-Length: -1\r\n\r\n`],
      ]) {
        expect(await sendBytes(...parts)).not.toMatch(/^HTTP\/1\.1 5/);
      }
    }
  });
});
