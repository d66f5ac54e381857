import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { RequestEntry } from './request-entry.js';

let server: Server;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = createServer((request, response) => handle(request, response));
  new RequestEntry(100).install(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

function open(): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  return socket;
}

/** Sends bytes on a new connection and returns everything that the server sends until `isEnd` returns true. */
async function exchange(bytes: string | Uint8Array, isEnd: (text: string) => boolean): Promise<string> {
  const socket = open();
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (isEnd(text)) break;
  }
  return text;
}

const get = (path: string | number) => `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const countOf = (text: string, part: string) => text.split(part).length - 1;

describe('requests that a connection sends without waiting for answers', () => {
  it('are handled one at a time, and answered in their order', async () => {
    let inProgress = 0;
    let most = 0;
    handle = ({ url }, response) => {
      most = Math.max(most, ++inProgress);
      setImmediate(() => {
        inProgress--;
        response.end(`<${url}>`);
      });
    };
    const text = await exchange(numbers(60).map(get).join(''), (all) => all.includes('</59>'));
    expect(text.match(/<\/\d+>/g)).toEqual(numbers(60).map((index) => `</${index}>`));
    expect(most).toBe(1);
    const later = await exchange(get('again'), (all) => all.includes('<'));
    expect(later).toContain('</again>');
  });

  it('go on after the connection has been read to its end', async () => {
    handle = ({ url }, response) => response.end(`<${url}>`);
    const socket = open();
    let text = '';
    for (const round of numbers(3)) {
      socket.write(numbers(20).map(get).join(''));
      while (countOf(text, '<') < 20 * (round + 1)) text += String((await once(socket, 'data'))[0]);
    }
    expect(text.match(/<\/\d+>/g)).toHaveLength(60);
  });

  it('do not delay the requests of other connections', async () => {
    const handled: string[] = [];
    const other = open();
    await once(other, 'connect');
    handle = ({ url }, response) => {
      if (handled.push(url!) === 1) other.write(get('other'));
      response.end('.');
    };
    await exchange(numbers(90).map(get).join(''), () => handled.length > 90);
    expect(handled.indexOf('/other')).toBeLessThan(30);
  });

  it('are handled one in a round of the event loop, even if each is answered before its body has come', async () => {
    let ofRound = 0;
    let most = 0;
    handle = (_, response) => {
      if (ofRound++ === 0) setImmediate(() => (ofRound = 0));
      most = Math.max(most, ofRound);
      // Node.js passes on the next request immediately if this one is answered without waiting for its body.
      response.end('.');
    };
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n${'x'.repeat(600)}`;
    await exchange(post.repeat(400), (all) => countOf(all, 'HTTP/1.1 200') === 400);
    expect(most).toBe(1);
  });

  it('are refused if there are more than 100, and their connection is closed', async () => {
    let handled = 0;
    handle = (_, response) => {
      handled++;
      response.end('.');
    };
    const text = await exchange(numbers(2_000).map(get).join(''), () => false);
    expect(text).toMatch(/HTTP\/1.1 503 [\s\S]*Retry-After: 1[\s\S]*more than 100 requests/);
    expect(countOf(text, 'HTTP/1.1 503')).toBe(1);
    expect(handled).toBeLessThan(10);
  });

  it('end with their connection', async () => {
    let handled = 0;
    const began = new Promise<void>((resolve) => {
      handle = (_, response) => {
        handled++;
        setTimeout(() => response.end('.'), 50);
        resolve();
      };
    });
    const socket = open();
    socket.write(numbers(50).map(get).join(''));
    await began;
    socket.destroy();
    handle = (_, response) => response.end('<done>');
    await exchange(get('x'), (all) => all.includes('<done>'));
    expect(handled).toBeLessThan(3);
  });
});

describe('a body in chunks of one byte', () => {
  /** The number of such chunks in one read of 64 KiB. Each chunk costs Node.js a new buffer, so the tests send few reads. */
  const CHUNKS_OF_READ = 10_922;
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const bodyOf = (reads: number) => `${head}${'1\r\nx\r\n'.repeat(reads * CHUNKS_OF_READ)}0\r\n\r\n`;

  /**
   * Answers each request when its body is complete. The returned function returns the largest number of chunks that arrived in
   * one round of the event loop.
   */
  function largestTurn(onChunk: (request: IncomingMessage, count: () => void) => void): () => number {
    let most = 0;
    handle = (request, response) => {
      let ofTurn = 0;
      onChunk(request, () => {
        if (ofTurn++ === 0) setImmediate(() => (ofTurn = 0));
        most = Math.max(most, ofTurn);
      });
      request.on('end', () => response.end('<end>'));
    };
    return () => most;
  }

  it('is parsed in pieces between which other connections are served', async () => {
    const most = largestTurn((request, count) => request.on('data', count));
    const text = await exchange(bodyOf(6), (all) => all.includes('<end>'));
    expect(text).toContain('200 OK');
    // Node.js would otherwise read up to 32 times without a pause.
    expect(most()).toBeLessThan(2.3 * CHUNKS_OF_READ);
  });

  it('does not delay new connections, of which each needs only a small part of a turn', async () => {
    const NEW_CONNECTIONS = 24;
    let chunks = 0;
    let hasBegun: () => void;
    const began = new Promise<void>((resolve) => (hasBegun = resolve));
    handle = (request, response) => {
      if (request.method === 'GET') response.end('<get>');
      request.on('data', () => {
        if (++chunks === CHUNKS_OF_READ) hasBegun();
      });
    };
    const GREEDY = 4;
    for (let greedy = 0; greedy < GREEDY; greedy++) open().write(bodyOf(2 + NEW_CONNECTIONS / GREEDY));
    await began;
    const before = chunks;
    await Promise.all(numbers(NEW_CONNECTIONS).map(() => exchange(get('x'), (all) => all.includes('<get>'))));
    const reads = (chunks - before) / CHUNKS_OF_READ;
    // Node.js accepts one connection in each round of the event loop. If each round also parsed a read, there would be as many
    // reads as new connections.
    expect(reads).toBeLessThan(NEW_CONNECTIONS / 2);
  });
});
