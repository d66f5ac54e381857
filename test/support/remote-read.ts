import { snappyCompress } from 'hysnappy';
import { Reader, Writer } from 'protobufjs/minimal.js';
import { inflateSnappyBlock } from '../../src/http/bodies/snappy-block.js';
import { endOf, eachField } from '../../src/http/bodies/protobuf-fields.js';

/** The samples of a series by their times in milliseconds. Every NaN is written as `NaN`. */
export type ReadSamples = ReadonlyMap<number, string>;

const LARGEST_ANSWER = 256 * 1024 ** 2;

/**
 * Reads all samples of a metric over remote_read.
 *
 * @returns the samples of each series, by its labels as JSON
 * @throws Error if a series has two samples of one time, or samples that are not in time order
 */
export async function remoteRead(
  url: string,
  metric: string,
  fromMs: number,
  toMs: number,
  authorization = '',
): Promise<ReadonlyMap<string, ReadSamples>> {
  const writer = Writer.create();
  writer.uint32(0x0a).fork().uint32(0x08).int64(fromMs).uint32(0x10).int64(toMs);
  writer.uint32(0x1a).fork().uint32(0x12).string('__name__').uint32(0x1a).string(metric).ldelim().ldelim();
  const response = await fetch(`${url}/api/v1/read`, {
    method: 'POST',
    headers: {
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Read-Version': '0.1.0',
      ...(authorization === '' ? {} : { Authorization: authorization }),
    },
    body: snappyCompress(writer.finish()) as Uint8Array<ArrayBuffer>,
  });
  if (!response.ok) throw new Error(`remote_read of ${metric}: ${response.status} ${await response.text()}`);
  const bytes = inflateSnappyBlock(new Uint8Array(await response.arrayBuffer()), LARGEST_ANSWER);
  const found = new Map<string, ReadSamples>();
  eachMessage(Reader.create(bytes), bytes.length, 1, (reader, end) => {
    eachMessage(reader, end, 1, (within, seriesEnd) => readSeries(within, seriesEnd, found));
  });
  return found;
}

function eachMessage(reader: Reader, end: number, wanted: number, read: (reader: Reader, end: number) => void): void {
  eachField(reader, end, (field, wireType) => {
    if (field === wanted) read(reader, endOf(reader));
    else reader.skipType(wireType);
  });
}

function readSeries(reader: Reader, end: number, found: Map<string, ReadSamples>): void {
  const labels: Record<string, string> = {};
  const samples = new Map<number, string>();
  let last = -Infinity;
  eachField(reader, end, (field, wireType) => {
    if (field === 1) {
      const texts: string[] = [];
      eachField(reader, endOf(reader), () => texts.push(reader.string()));
      labels[texts[0]!] = texts[1]!;
    } else if (field === 2) {
      let value = 0;
      let time = 0;
      eachField(reader, endOf(reader), (each) => {
        if (each === 1) value = reader.double();
        else time = Number(reader.int64());
      });
      if (time <= last) throw new Error(`${JSON.stringify(labels)} has a sample of ${time} after one of ${last}.`);
      last = time;
      samples.set(time, String(value));
    } else reader.skipType(wireType);
  });
  const names = Object.keys(labels).toSorted();
  found.set(JSON.stringify(names.map((name) => [name, labels[name]])), samples);
}
