import { snappyCompress } from 'hysnappy';
import { Writer } from 'protobufjs/minimal.js';
import { getJson, INGEST_TOKEN, type TestServer } from './server.js';

/** The numbers that both versions of remote write use for the types of metrics. */
export const WRITE_TYPE = { unknown: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 } as const;

const WRITTEN_HEADERS = ['samples', 'histograms', 'exemplars'].map(
  (kind) => `x-prometheus-remote-write-${kind}-written`,
);

/** Returns how many samples, native histogram samples and exemplars were stored, according to the headers of an answer. */
export const writtenOf = (response: Response) => WRITTEN_HEADERS.map((name) => response.headers.get(name));

/** A series as a test writes it. */
export interface SeriesToWrite {
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that follow the others. Their names may be repeated. */
  readonly furtherLabels?: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly (readonly [value: number, timestamp: number, startedAt?: number])[];
  /** The metadata of the series, which only version 2.0 can send. */
  readonly metadata?: { readonly type: number; readonly help?: string; readonly unit?: string };
  /** The number of exemplars and of native histogram samples. */
  readonly exemplars?: number;
  readonly histograms?: number;
}

/** The metadata of a metric family in version 1.0. */
export interface FamilyToWrite {
  readonly name: string;
  readonly type: number;
  readonly help?: string;
}

const SOME_BYTES = Uint8Array.of(0x10, 0x01);

/** Returns a `prometheus.WriteRequest`. */
export function firstVersion(series: readonly SeriesToWrite[], families: readonly FamilyToWrite[] = []): Uint8Array {
  const writer = Writer.create();
  for (const { labels, furtherLabels = [], samples, exemplars = 0, histograms = 0 } of series) {
    writer.uint32(0x0a).fork();
    for (const [name, value] of [...Object.entries(labels), ...furtherLabels]) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    }
    for (const [value, timestamp] of samples) {
      writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(timestamp).ldelim();
    }
    for (let count = 0; count < exemplars; count++) writer.uint32(0x1a).bytes(SOME_BYTES);
    for (let count = 0; count < histograms; count++) writer.uint32(0x22).bytes(SOME_BYTES);
    writer.ldelim();
  }
  for (const { name, type, help = '' } of families) {
    writer.uint32(0x1a).fork().uint32(0x08).uint32(type).uint32(0x12).string(name).uint32(0x22).string(help).ldelim();
  }
  return writer.finish();
}

/** Returns an `io.prometheus.write.v2.Request`. */
export function secondVersion(series: readonly SeriesToWrite[]): Uint8Array {
  const symbols = [''];
  const referenceOf = (text: string) => {
    const known = symbols.indexOf(text);
    return known === -1 ? symbols.push(text) - 1 : known;
  };
  const messages = series.map((each) => encodeSecond(each, referenceOf));
  const writer = Writer.create();
  for (const symbol of symbols) writer.uint32(0x22).string(symbol);
  for (const message of messages) writer.uint32(0x2a).bytes(message);
  return writer.finish();
}

function encodeSecond(
  { labels, furtherLabels = [], samples, metadata, exemplars = 0, histograms = 0 }: SeriesToWrite,
  referenceOf: (text: string) => number,
): Uint8Array {
  const writer = Writer.create();
  writer.uint32(0x0a).fork();
  for (const text of [...Object.entries(labels), ...furtherLabels].flat()) writer.uint32(referenceOf(text));
  writer.ldelim();
  for (const [value, timestamp, startedAt = 0] of samples) {
    writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(timestamp);
    if (startedAt !== 0) writer.uint32(0x18).int64(startedAt);
    writer.ldelim();
  }
  for (let count = 0; count < histograms; count++) writer.uint32(0x1a).bytes(SOME_BYTES);
  for (let count = 0; count < exemplars; count++) writer.uint32(0x22).bytes(SOME_BYTES);
  if (metadata !== undefined) {
    const { type, help = '', unit = '' } = metadata;
    writer.uint32(0x2a).fork().uint32(0x08).uint32(type);
    writer.uint32(0x18).uint32(referenceOf(help)).uint32(0x20).uint32(referenceOf(unit)).ldelim();
  }
  return writer.finish();
}

export const WRITE_CONTENT_TYPE = {
  '1.0': 'application/x-protobuf',
  '2.0': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;

/** Sends a message as a sender of remote write does. */
export function sendWrite(
  server: Pick<TestServer, 'url'>,
  message: Uint8Array,
  version: keyof typeof WRITE_CONTENT_TYPE = '1.0',
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${INGEST_TOKEN}`,
      'Content-Encoding': 'snappy',
      'Content-Type': WRITE_CONTENT_TYPE[version],
      'X-Prometheus-Remote-Write-Version': version === '1.0' ? '0.1.0' : '2.0.0',
      ...headers,
    },
    body: snappyCompress(message) as Uint8Array<ArrayBuffer>,
  });
}

/** Returns the values that a PromQL query has at a time in milliseconds since the epoch. */
export async function valuesAt(server: TestServer, expression: string, timeMs: number): Promise<string[]> {
  const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
    server,
    `/api/v1/query?query=${encodeURIComponent(expression)}&time=${timeMs / 1_000}`,
  );
  return data.result.map(({ value }) => value[1]);
}
