import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import protobuf from 'protobufjs/light.js';
import { INGEST_TOKEN, type TestServer } from './server.js';

const OTEL_APP = path.join(import.meta.dirname, 'otel-app.mjs');

/** The way in which an app with the OpenTelemetry SDK sends its metrics. */
export interface Way {
  readonly temporality: 'delta' | 'cumulative';
  readonly encoding: 'protobuf' | 'json';
  readonly compression?: 'gzip';
}

/**
 * The response messages of the protocol. They are defined independently of the server's own schema, so that an error in that
 * schema is noticed.
 */
const ANSWERS = protobuf.Root.fromJSON({
  nested: {
    Response: { fields: { partialSuccess: { id: 1, type: 'PartialSuccess' } } },
    PartialSuccess: {
      fields: { rejectedDataPoints: { id: 1, type: 'int64' }, errorMessage: { id: 2, type: 'string' } },
    },
    Status: { fields: { code: { id: 1, type: 'int32' }, message: { id: 2, type: 'string' } } },
  },
});

/** An answer in either encoding. */
export interface Answer {
  readonly status: number;
  readonly mediaType: string | null;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

type Target = Pick<TestServer, 'url'>;

/** Sends a body, or an object as JSON, and decodes the answer. */
export async function sendOtlp(
  server: Target,
  body: Buffer | object,
  { headers = {}, encoding = 'json' }: { headers?: Record<string, string>; encoding?: Way['encoding'] } = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${INGEST_TOKEN}`,
      'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...headers,
    },
    body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const mediaType = response.headers.get('content-type');
  const type = ANSWERS.lookupType(response.ok ? 'Response' : 'Status');
  return {
    status: response.status,
    mediaType,
    retryAfter: response.headers.get('retry-after'),
    body:
      mediaType === 'application/x-protobuf'
        ? type.toObject(type.decode(bytes), { longs: String })
        : (JSON.parse(bytes.toString()) as Record<string, unknown>),
  };
}

export const requestOf = (...metrics: object[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });

/** Returns the current time in nanoseconds, as the protocol writes it. */
export const now = () => `${Date.now()}000000`;

export const sumOf = (name: string, value: number, aggregationTemporality = 1, isMonotonic = true) => ({
  name,
  sum: { dataPoints: [{ asDouble: value, timeUnixNano: now() }], aggregationTemporality, isMonotonic },
});

/**
 * Runs an app with the OpenTelemetry SDK, and returns its warnings.
 *
 * @param exports the values that the app `exponential` records before each of its exports
 */
export async function runOtelApp(
  app: 'shop' | 'exponential' | 'replayed',
  way: Way,
  server: Target,
  exports?: readonly (readonly number[])[],
): Promise<string> {
  return runOtelProcess({
    OTEL_APP: JSON.stringify({ app, url: `${server.url}/v1/metrics`, token: INGEST_TOKEN, ...way, exports }),
  });
}

/** Runs an app of `otel-app.mjs` with the given environment variables, and returns its warnings. */
export async function runOtelProcess(environment: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH, ...environment };
  return (await promisify(execFile)(process.execPath, [OTEL_APP], { env })).stdout;
}

/** Returns the bytes that the SDK sends for one export. */
export async function recordOtelExport(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const recorder = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.writeHead(200).end());
  });
  await once(recorder.listen(0, '127.0.0.1'), 'listening');
  const { port } = recorder.address() as AddressInfo;
  await runOtelApp('replayed', { temporality: 'delta', encoding: 'protobuf' }, { url: `http://127.0.0.1:${port}` });
  recorder.closeAllConnections();
  recorder.close();
  return Buffer.concat(chunks);
}
