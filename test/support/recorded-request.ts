import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request as it was recorded: headers in their order and case, the body byte for byte. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly encoding: 'utf8' | 'base64' | 'gzip+base64' | null;
  readonly body: string | null;
  /** The body is the whole request, head included: what no HTTP client would send. */
  readonly raw?: boolean;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Sends a recorded request, over a connection of its own.
 *
 * @param fill puts secrets where the record has placeholders
 * @param query added to the path: '' or a query string with its question mark
 */
export function sendRecorded(
  baseUrl: string,
  request: RecordedRequest,
  fill: (text: string) => string,
  query = '',
): Promise<Answer> {
  if (!request.raw) return sendParsed(baseUrl, request, fill, query);
  const bytes = Buffer.from(fill(bodyOf(request)!.toString('latin1')), 'latin1');
  return sendRaw(baseUrl, query === '' ? bytes : withQuery(bytes, query));
}

function bodyOf({ encoding, body }: RecordedRequest): Buffer | undefined {
  if (body === null) return undefined;
  if (encoding === 'utf8') return Buffer.from(body, 'utf8');
  const bytes = Buffer.from(body, 'base64');
  return encoding === 'gzip+base64' ? gunzipSync(bytes) : bytes;
}

function sendParsed(
  baseUrl: string,
  recorded: RecordedRequest,
  fill: (text: string) => string,
  query: string,
): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  const headers = Object.fromEntries(
    Object.entries(recorded.headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? fill(value) : value.map(fill),
    ]),
  );
  return new Promise((resolve, reject) => {
    const { method, path } = recorded;
    const request = httpRequest({ hostname, port, method, path: path + query, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode!, headers: response.headers, body });
      });
    });
    // After an answer this is the connection that was closed before the whole body was sent, and changes nothing.
    request.on('error', reject);
    request.end(bodyOf(recorded));
  });
}

async function sendRaw(baseUrl: string, bytes: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The server may close while it is still being written to.
  socket.on('error', () => {});
  socket.write(bytes);
  // All raw requests are recorded with `Connection: close`, or the server can't read on after them.
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', ...body] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status, headers, body: body.join('\r\n\r\n') };
}

function withQuery(bytes: Buffer, query: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/^(\S+ \S+) /, `$1${query} `), 'latin1');
}
