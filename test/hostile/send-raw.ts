import { connect } from 'node:net';
import type { HostileRequest, Outcome } from './send.js';

/** Total size of the requests that are sent without waiting for an answer. */
const PIPELINED_BYTES = 300_000;
const MOST_PIPELINED = 500;

/**
 * Maximum number of bytes that are sent as chunks of one byte. Each needs six bytes on the wire, so this is more than ten reads of a
 * connection, and enough to show that reads delay new connections.
 */
const MOST_TINY_CHUNKS = 150_000;

/**
 * Time after which a connection is closed even if no answer has come. A body in tiny chunks may take longer, because requests
 * take turns.
 */
const RAW_ANSWER_TIMEOUT_MS = 3_000;

/** Sends bytes that no HTTP client would send, and returns the first answer. */
export function sendRaw(url: string, hostile: HostileRequest): Promise<Outcome> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytesOf(hostile)));
    const timer = setTimeout(() => socket.destroy(), RAW_ANSWER_TIMEOUT_MS);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (text.length < 1_000) text += chunk.toString('latin1');
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
        retryAfter: /^retry-after: (.*)$/im.exec(text.split('\r\n\r\n')[0]!)?.[1],
        text: text.slice(-300),
      });
    });
  });
}

function bytesOf({ method, target, headers, body = Buffer.alloc(0), pace }: HostileRequest): Buffer {
  const isChunked = pace === 'tiny chunks';
  const others = Object.entries(headers).filter(
    ([name]) => name !== 'content-length' && name !== 'transfer-encoding' && name !== 'connection',
  );
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: a',
    ...others.map(([name, value]) => `${name}: ${value}`),
    isChunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`,
  ];
  const lastHead = Buffer.from(`${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n`, 'latin1');
  if (isChunked) return Buffer.concat([lastHead, tinyChunks(body.subarray(0, MOST_TINY_CHUNKS))]);
  const request = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  const count = Math.max(2, Math.min(MOST_PIPELINED, Math.floor(PIPELINED_BYTES / request.length)));
  return Buffer.concat([...Array.from({ length: count - 1 }, () => request), lastHead, body]);
}

function tinyChunks(body: Buffer): Buffer {
  const chunk = Buffer.from('1\r\n.\r\n');
  const bytes = Buffer.alloc(body.length * chunk.length, chunk);
  for (let index = 0; index < body.length; index++) bytes[index * chunk.length + 3] = body[index]!;
  return Buffer.concat([bytes, Buffer.from('0\r\n\r\n')]);
}
