import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PacedStarts } from './paced-starts.js';
import { RequestEntry } from './request-entry.js';

const CONNECTIONS = 40;

let server: Server;
let accepted: number;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  new RequestEntry(100).install(server);
  accepted = 0;
  server.on('connection', () => accepted++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

function open(): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  return socket;
}

/** Sends a request on a new connection and returns the answer. */
async function request(path: string): Promise<string> {
  const socket = open();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return String((await once(socket, 'data'))[0]);
}

const now = performance.now.bind(performance);

/** Blocks the event loop for the given time. */
function work(milliseconds: number): void {
  const until = now() + milliseconds;
  while (now() < until);
}

describe('requests on many new connections', () => {
  it('start when all of these connections are accepted', async () => {
    const acceptedAtStart: number[] = [];
    handle = (_, response) => {
      acceptedAtStart.push(accepted);
      work(5);
      response.end('.');
    };
    // The clock stands still, because a busy machine may need longer to accept all connections than a request may wait.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now());
    await Promise.all(Array.from({ length: CONNECTIONS }, () => request('/')));
    clock.mockRestore();
    expect(acceptedAtStart.filter((count) => count < CONNECTIONS).length).toBeLessThan(0.75 * CONNECTIONS);
    expect(acceptedAtStart).toHaveLength(CONNECTIONS);
  });

  it('let later connections in between, although each of them takes long', async () => {
    let handled = 0;
    let late: { readonly answer: Promise<string>; readonly handled: number } | undefined;
    let handledBefore: number | undefined;
    handle = ({ url }, response) => {
      if (url === '/work') {
        handled++;
        // On a busy machine, requests can start before all of these connections are accepted. The late connection is opened only
        // after that.
        if (handled >= 5 && accepted === CONNECTIONS) late ??= { answer: request('/late'), handled };
        work(10);
      }
      response.end('.');
    };
    server.on('connection', () => {
      if (accepted === CONNECTIONS + 1) handledBefore = handled;
    });
    await Promise.all(Array.from({ length: CONNECTIONS }, () => request('/work')));
    await late!.answer;
    expect(handledBefore! - late!.handled).toBeLessThan(10);
  });

  it('start although further connections arrive all the time', async () => {
    const paths: string[] = [];
    handle = ({ url }, response) => {
      paths.push(url!);
      response.end('.');
    };
    let isDone = false;
    const flood = (async () => {
      while (!isDone) {
        for (let count = 0; count < 5; count++) open();
        await new Promise((resolve) => setImmediate(resolve));
        if (sockets.length > 2_000) for (const socket of sockets.splice(0, 500)) socket.destroy();
      }
    })();
    await sleep(20);
    await request('/meanwhile');
    isDone = true;
    await flood;
    expect(paths).toEqual(['/meanwhile']);
  });

  it('are not handled if their clients have gone', async () => {
    const paths: string[] = [];
    let hasBegun: () => void;
    const began = new Promise<void>((resolve) => (hasBegun = resolve));
    handle = ({ url }, response) => {
      paths.push(url!);
      hasBegun();
      work(20);
      response.end('.');
    };
    const clients = Array.from({ length: CONNECTIONS }, () => {
      const socket = open();
      socket.write('GET /gone HTTP/1.1\r\nHost: a\r\n\r\n');
      return socket;
    });
    await began;
    for (const socket of clients) socket.destroy();
    await request('/stays');
    expect(paths.filter((path) => path === '/gone').length).toBeLessThan(CONNECTIONS / 2);
  });

  it('start although an earlier request has failed', () => {
    jest.useFakeTimers();
    try {
      const listening = new EventEmitter() as Server;
      const starts = new PacedStarts();
      starts.watch(listening);
      listening.emit('connection');
      const started: string[] = [];
      const enter = (start: () => void) => starts.enter({ socket: {} } as IncomingMessage, {} as ServerResponse, start);
      enter(() => {
        throw new Error('failed');
      });
      enter(() => started.push('later'));
      expect(() => jest.runAllTimers()).toThrow('failed');
      jest.runAllTimers();
      expect(started).toEqual(['later']);
    } finally {
      jest.useRealTimers();
    }
  });
});
