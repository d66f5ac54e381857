import { Reader } from 'protobufjs/minimal.js';

/** A series in a message of remote write 1.0. */
export interface MessageSeries {
  /** The names and values of the labels, alternating. */
  readonly labels: readonly string[];
  readonly samples: readonly (readonly [at: number, value: number])[];
}

/** A message of remote write 1.0. */
export interface WrittenMessage {
  readonly series: readonly MessageSeries[];
  /** The type, help and unit of each metric that is described. */
  readonly described: ReadonlyMap<string, { readonly type: number; readonly help: string; readonly unit: string }>;
}

/** Decodes a `prometheus.WriteRequest` without using the receiver's code. */
export function decodeMessage(bytes: Uint8Array): WrittenMessage {
  const series: MessageSeries[] = [];
  const described = new Map<string, { type: number; help: string; unit: string }>();
  eachField(Reader.create(bytes), (field, reader) => {
    if (field === 1) series.push(seriesIn(reader.bytes()));
    else {
      const texts = new Map<number, string>();
      let type = 0;
      eachField(Reader.create(reader.bytes()), (inner, of) => {
        if (inner === 1) type = of.uint32();
        else texts.set(inner, of.string());
      });
      described.set(texts.get(2) ?? '', { type, help: texts.get(4) ?? '', unit: texts.get(5) ?? '' });
    }
  });
  return { series, described };
}

function seriesIn(bytes: Uint8Array): MessageSeries {
  const labels: string[] = [];
  const samples: (readonly [number, number])[] = [];
  eachField(Reader.create(bytes), (field, reader) => {
    const inner = Reader.create(reader.bytes());
    if (field === 1) eachField(inner, (_, of) => labels.push(of.string()));
    else {
      let value = 0;
      let at = 0;
      eachField(inner, (part, of) => {
        if (part === 1) value = of.double();
        else at = Number(of.int64());
      });
      samples.push([at, value]);
    }
  });
  return { labels, samples };
}

function eachField(reader: Reader, read: (field: number, reader: Reader) => void): void {
  while (reader.pos < reader.len) read(reader.uint32() >>> 3, reader);
}
