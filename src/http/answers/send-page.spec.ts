import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import { sendPage } from './send-page.js';

const LONG = 'x'.repeat(3_000);

describe('sendPage', () => {
  let server: http.Server;
  let parts: () => AsyncGenerator<string>;
  let ended: number;

  async function* partsOf(...texts: string[]): AsyncGenerator<string> {
    try {
      for (const text of texts) yield await Promise.resolve(text);
    } finally {
      ended++;
    }
  }

  beforeAll(async () => {
    const app = express();
    app.use((_request, response, next) => {
      response.vary('Origin');
      next();
    });
    app.get('/', (request, response) => sendPage(request, response, 'application/json', parts()));
    app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).end('failed');
    });
    server = app.listen(0);
    await once(server, 'listening');
  });

  afterAll(() => server.close());

  beforeEach(() => (ended = 0));

  async function ask(
    encoding?: string,
    method = 'GET',
  ): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }> {
    const request = http.request({
      port: (server.address() as AddressInfo).port,
      method,
      headers: encoding === undefined ? {} : { 'Accept-Encoding': encoding },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) };
  }

  it.each(['gzip', 'br, gzip;q=0.5', '*'])('compresses more than 4 KiB for Accept-Encoding: %s', async (encoding) => {
    parts = () => partsOf(LONG, LONG, LONG);
    const { headers, body } = await ask(encoding);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Origin, Accept, Accept-Encoding' });
    expect(gunzipSync(body).toString()).toBe(LONG.repeat(3));
  });

  it.each([undefined, 'identity', 'br', 'gzip;q=0', 'gzip;q=0.1, identity', 'identity;q=0', ';;q=,'])(
    'does not compress for Accept-Encoding: %s',
    async (encoding) => {
      parts = () => partsOf(LONG, LONG);
      const { headers, body } = await ask(encoding);
      expect([headers['content-encoding'], headers.vary]).toEqual([undefined, 'Origin, Accept, Accept-Encoding']);
      expect(body.toString()).toBe(LONG.repeat(2));
    },
  );

  it.each([
    ['', []],
    ['é', ['é']],
    ['y'.repeat(4_096), ['y'.repeat(4_000), '', 'y'.repeat(96)]],
  ])('sends up to 4 KiB as they are, with their length', async (text, texts) => {
    parts = () => partsOf(...texts);
    const { headers, body } = await ask('gzip');
    expect([headers['content-encoding'], headers['content-length']]).toEqual([
      undefined,
      String(Buffer.byteLength(text)),
    ]);
    expect(body.toString()).toBe(text);
  });

  it('answers HEAD with the headers of GET, and ends the parts', async () => {
    parts = () => partsOf(LONG, LONG, LONG);
    const { headers, body } = await ask('gzip', 'HEAD');
    expect([headers['content-encoding'], body.length, ended]).toEqual(['gzip', 0, 1]);
  });

  it('reports an error within the first 4 KiB as an error', async () => {
    parts = async function* () {
      yield 'begun';
      await Promise.reject(new Error('The source failed.'));
    };
    expect((await ask('gzip')).status).toBe(500);
  });

  it.each(['gzip', 'identity'])(
    'breaks off an answer whose source fails later, for Accept-Encoding: %s',
    async (encoding) => {
      parts = async function* () {
        yield LONG;
        yield LONG;
        await Promise.reject(new Error('The source failed.'));
      };
      await expect(ask(encoding)).rejects.toThrow(/aborted|socket hang up/);
    },
  );

  it('sends a long answer whose parts come slowly, after the client has read those before', async () => {
    const text = 'x'.repeat(100_000);
    parts = async function* () {
      for (let part = 0; part < 3; part++) {
        yield text;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    };
    const { body } = await ask();
    expect(body.toString()).toBe(text.repeat(3));
  });

  it('sends a long answer to a client that pauses, once and in order', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => String(index).padStart(6, '0').repeat(5_000));
    parts = () => partsOf(...texts);
    const request = http.get({ port: (server.address() as AddressInfo).port });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let body = '';
    for await (const chunk of response) {
      body += (chunk as Buffer).toString();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(body === texts.join('')).toBe(true);
    expect(ended).toBe(1);
  });

  it.each([1, 3_000])('ends the parts if the client leaves while %s bytes of each are read', async (length) => {
    let hasBegun: () => void;
    const begun = new Promise<void>((resolve) => (hasBegun = resolve));
    let hasLeft: () => void;
    const left = new Promise<void>((resolve) => (hasLeft = resolve));
    const released = new Promise<void>((resolve) => {
      parts = async function* () {
        try {
          hasBegun();
          await left;
          for (;;) yield await Promise.resolve('x'.repeat(length));
        } finally {
          resolve();
        }
      };
    });
    const connection = once(server, 'connection');
    const request = http.get({ port: (server.address() as AddressInfo).port, agent: false });
    request.on('error', () => undefined);
    const [socket] = (await connection) as [Socket];
    await begun;
    const closed = once(socket, 'close');
    request.destroy();
    await closed;
    hasLeft!();
    await released;
  });

  it('reads no more parts than a client that does not read leaves room for', async () => {
    let count = 0;
    parts = async function* () {
      try {
        for (; count < 2_000; count++) yield await Promise.resolve('x'.repeat(65_536));
      } finally {
        ended++;
      }
    };
    const request = http.get({ port: (server.address() as AddressInfo).port });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let before = -1;
    while (before !== count) {
      before = count;
      // The server has stopped reading parts if it has read none during 200 rounds of the event loop.
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(count).toBeLessThan(400);
    response.destroy();
  });
});
