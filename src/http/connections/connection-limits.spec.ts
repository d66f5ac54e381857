import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextRound } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { limitConnections } from './connection-limits.js';
import { RequestEntry } from './request-entry.js';

const MOST = 4;

interface Client {
  readonly socket: Socket;
  readonly texts: string[];
  isClosed: boolean;
}

describe('a listener whose connections are all taken', () => {
  let server: Server;
  let held: ServerResponse[];
  let clients: Client[];
  let warnings: unknown[];

  beforeEach(async () => {
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => void warnings.push(message));
    held = [];
    clients = [];
    server = createServer((request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('.');
    });
    limitConnections(server, { requestTimeoutMs: 30_000, maxConnections: MOST });
    new RequestEntry(100).install(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    server.close();
    await once(server, 'close');
    jest.restoreAllMocks();
  });

  /** Opens a connection, waits until the server has accepted it, and sends the text. */
  async function open(text = ''): Promise<Client> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client: Client = { socket, texts: [], isClosed: false };
    clients.push(client);
    socket.on('error', () => undefined);
    socket.on('data', (data) => client.texts.push(String(data)));
    socket.on('close', () => (client.isClosed = true));
    const accepted = once(server, 'connection');
    await Promise.all([once(socket, 'connect'), accepted]);
    if (text !== '') await send(client, text);
    return client;
  }

  async function send(client: Client, text: string): Promise<void> {
    client.socket.write(text);
    await settle();
  }

  /** Waits until everything that was sent within this process has arrived. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 50; round++) await nextRound();
  }

  async function ask(client: Client): Promise<string> {
    await send(client, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    if (client.texts.length === 0 && !client.isClosed) {
      await Promise.race([once(client.socket, 'data'), once(client.socket, 'close')]);
    }
    return client.texts.splice(0).join('');
  }

  async function closed(): Promise<number[]> {
    await settle();
    return clients.flatMap(({ isClosed }, index) => (isClosed ? [index] : []));
  }

  it('closes the oldest silent one for a new one, again and again', async () => {
    for (let count = 0; count < MOST + 3; count++) await open();
    expect(await closed()).toEqual([0, 1, 2]);
    expect(await ask(await open())).toContain('200 OK');
    expect(await closed()).toEqual([0, 1, 2, 3]);
  });

  it('closes one whose head is not complete, however much of it has come', async () => {
    for (let count = 0; count < MOST; count++) await open('GET / HTTP/1.1\r\nHost: a\r\n');
    expect(await ask(await open())).toContain('200 OK');
    expect(await closed()).toEqual([0]);
  });

  it('keeps those with a request in progress, and refuses the new one if there are no others', async () => {
    const silent = await open();
    for (let count = 1; count < MOST; count++) await open('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(held).toHaveLength(MOST - 1);
    await open('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(silent.isClosed).toBe(true);
    expect(held).toHaveLength(MOST);
    await open();
    expect(await closed()).toEqual([0, MOST + 1]);
    for (const response of held) response.end('.');
    expect(await closed()).toEqual([0, MOST + 1]);
    expect(await ask(await open())).toContain('200 OK');
  });

  it('closes a silent one rather than one that has just been used', async () => {
    const used = await open();
    for (let count = 1; count < MOST; count++) await open();
    for (let count = 0; count < MOST; count++) {
      expect(await ask(used)).toContain('200 OK');
      await open();
    }
    expect(await closed()).toEqual([1, 2, 3, 4]);
  });

  it('closes an idle one that has not been used again', async () => {
    const used = await open();
    expect(await ask(used)).toContain('200 OK');
    for (let count = 1; count < MOST; count++) await open('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    await open();
    expect(await closed()).toEqual([0]);
  });

  it('says that the limit was reached, once a minute', async () => {
    for (let count = 0; count < MOST + 3; count++) await open();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^4 connections are open, which is the limit \(HTTP_MAX_CONNECTIONS.* was closed for a new one\.$/,
      ),
    ]);
  });
});
