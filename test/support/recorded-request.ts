import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A recorded request, with headers in their order and case, and with the exact bytes of the body. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly encoding: 'utf8' | 'base64' | 'gzip+base64' | null;
  readonly body: string | null;
  /** True if the body is the whole request, including its headers. This is for requests that no HTTP client would send. */
  readonly raw?: boolean;
}

/** The received answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Sends a recorded request over a separate connection.
 *
 * @param fill replaces the placeholders of the record with secrets
 * @param query is appended to the path; it is '' or a query string with its question mark
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
    // An error after an answer has no effect. It means that the server closed the connection before the whole body was sent.
    request.on('error', reject);
    request.end(bodyOf(recorded));
  });
}

async function sendRaw(baseUrl: string, bytes: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The server may close the connection while the client is still writing.
  socket.on('error', () => {});
  socket.write(bytes);
  // All raw requests are recorded with `Connection: close`, because otherwise the server would wait for more requests.
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
