import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import express, { type Request, type Response } from 'express';
import { completeOptions } from '../../custom-metrics.options.js';
import { SharedExpositions } from './shared-expositions.js';

const MIB = 1024 ** 2;
/** Number of chunks that together exceed all socket buffers between a server and its client. */
const LARGE_PAGE_CHUNKS = 256;
const CHUNK = 'x'.repeat(64 * 1024);

const { exposition: LIMITS } = completeOptions({
  exposition: { timeoutSeconds: 60, maxScrapes: 200, bufferBytes: 64 * MIB },
});

describe('scrapes that come together', () => {
  let server: Server;
  let renderings: number;
  let scrapes: number;
  let write: () => AsyncIterable<string>;
  const sockets: Socket[] = [];

  async function serve(limits: Partial<typeof LIMITS>, page: () => AsyncIterable<string>) {
    renderings = 0;
    scrapes = 0;
    write = () => {
      renderings++;
      return page();
    };
    const pages = new SharedExpositions({ exposition: { ...LIMITS, ...limits } });
    const app = express();
    app.get('/metrics', (request, response) => {
      scrapes++;
      const page = { name: 'test', contentType: 'text/plain', write: () => write() };
      pages.send(request, response, page).catch((error: { status?: number }) => {
        response.status(error.status ?? 500).json({});
      });
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  const port = () => (server.address() as AddressInfo).port;

  async function scrape(headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
    const request = get({ port: port(), path: '/metrics', method, headers, agent: false });
    return ((await once(request, 'response')) as [IncomingMessage])[0];
  }

  /** Connects a client that sends a request and does not read the answer. */
  async function stall(): Promise<Socket> {
    const socket = connect(port(), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'connect');
    return socket;
  }

  it('are answered with one rendering, or two if the first had begun', async () => {
    await serve({}, async function* () {
      yield 'first\n';
      while (scrapes < 100) await nextTurn();
      yield 'last\n';
    });
    const pages = await Promise.all(Array.from({ length: 100 }, async () => text(await scrape())));
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toBe('first\nlast\n');
    expect(renderings).toBeLessThanOrEqual(2);
  });

  it('are sent to a few sockets in a round of the event loop, not to all of them', async () => {
    const readers = 40;
    const pages = new SharedExpositions({ exposition: LIMITS });
    let round = 0;
    let isOver = false;
    const count = () => {
      round++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const writes = new Map<number, number>();
    const response = () => ({
      setHeader: () => undefined,
      appendHeader: () => undefined,
      once: () => undefined,
      end: () => undefined,
      destroyed: false,
      write: () => {
        writes.set(round, (writes.get(round) ?? 0) + 1);
        return true;
      },
    });
    const request = { acceptsEncodings: () => 'identity', method: 'GET' };
    const page = async function* () {
      await nextTurn();
      for (let chunk = 0; chunk < 3; chunk++) yield CHUNK;
    };
    await Promise.all(
      Array.from({ length: readers }, () =>
        pages.send(request as unknown as Request, response() as unknown as Response, {
          name: 'test',
          contentType: 'text/plain',
          write: page,
        }),
      ),
    );
    isOver = true;
    expect([...writes.values()].reduce((sum, each) => sum + each, 0)).toBe(3 * readers);
    expect(Math.max(...writes.values())).toBeLessThan(10);
  });

  it('are compressed once, for the clients that accept gzip', async () => {
    await serve({}, async function* () {
      while (scrapes < 20) await nextTurn();
      yield 'a page\n';
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => scrape({ 'Accept-Encoding': 'gzip' })));
    for (const answer of answers) {
      expect(answer.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(Buffer.concat((await answer.toArray()) as Buffer[])).toString()).toBe('a page\n');
    }
    expect(renderings).toBeLessThanOrEqual(2);
  });

  it('show what was acknowledged before them, also while an exposition is being rendered', async () => {
    let acknowledged = 1;
    let finishFirst!: () => void;
    const isToBeFinished = new Promise<void>((resolve) => (finishFirst = resolve));
    await serve({}, async function* () {
      yield `value ${acknowledged}\n`;
      if (renderings === 1) await isToBeFinished;
      yield 'end\n';
    });
    const first = await scrape();
    acknowledged = 2;
    const second = scrape();
    await sleep(50);
    finishFirst();
    expect(await text(first)).toBe('value 1\nend\n');
    expect(await text(await second)).toBe('value 2\nend\n');
  });

  async function* largePage() {
    for (let chunk = 0; chunk < LARGE_PAGE_CHUNKS; chunk++) {
      yield CHUNK;
      await nextTurn();
    }
  }

  it('do not wait for a client that reads nothing', async () => {
    await serve({}, largePage);
    await stall();
    // The rendering for the stalled client has begun by the time the second scrape is answered.
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      expect((await text(await scrape())).length).toBe(LARGE_PAGE_CHUNKS * CHUNK.length);
    }
  });

  it('lose their connection when they lag behind other readers by more than the buffer', async () => {
    await serve({ bufferBytes: MIB }, largePage);
    const stalled = await Promise.all(Array.from({ length: 5 }, stall));
    expect((await text(await scrape())).length).toBe(LARGE_PAGE_CHUNKS * CHUNK.length);
    await Promise.race(stalled.map((socket) => once(socket.resume(), 'close')));
    expect(stalled.some((socket) => socket.destroyed && socket.bytesRead < LARGE_PAGE_CHUNKS * CHUNK.length)).toBe(
      true,
    );
  });

  it('end after a time limit, however slowly they are read', async () => {
    await serve({ timeoutSeconds: 0.2 }, largePage);
    const stalled = await stall();
    await sleep(600);
    stalled.resume();
    await once(stalled, 'close');
    expect(stalled.bytesRead).toBeLessThan(LARGE_PAGE_CHUNKS * CHUNK.length);
  });

  it('are refused beyond the maximum number of concurrent scrapes', async () => {
    await serve({ maxScrapes: 2 }, largePage);
    await stall();
    await stall();
    await sleep(50);
    expect((await scrape()).statusCode).toBe(503);
  });

  it('get an uncompressed error if the rendering fails before its first chunk', async () => {
    await serve({}, async function* () {
      await nextTurn();
      if (renderings > 0) throw new Error('no page');
      yield '';
    });
    const { statusCode, headers } = await scrape({ 'Accept-Encoding': 'gzip' });
    expect([statusCode, headers['content-encoding']]).toEqual([500, undefined]);
  });

  it('render nothing for HEAD', async () => {
    await serve({}, largePage);
    expect((await scrape({}, 'HEAD')).headers['content-type']).toContain('text/plain');
    expect(renderings).toBe(0);
  });
});
