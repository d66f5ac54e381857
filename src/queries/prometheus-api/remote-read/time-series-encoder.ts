import { Writer } from 'protobufjs/minimal.js';
import { BYTES_BEFORE_TIME, MAX_VARINT_BYTES, writeSample } from '../../../prometheus-messages/write-sample.js';
import type { Labels } from '../../../promql/evaluation/series/series-source.js';

/** Samples to send, in time order. */
export interface EncodedPoints {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The value is 1 for each point that is a stale marker, and 0 for any other; null if there are no stale markers. */
  readonly stale: Uint8Array | null;
}

/** Encodes a `prometheus.TimeSeries`, with labels in the order of their names and samples in time order. */
export function encodeTimeSeries(labels: Labels, points: EncodedPoints): Uint8Array {
  const writer = Writer.create();
  for (const [name, value] of [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    // The label is field 1, a message of two strings.
    writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
  }
  return Buffer.concat([writer.finish(), encodeSamples(points)]);
}

function encodeSamples({ timestamps, values, stale }: EncodedPoints): Uint8Array {
  const bytes = new Uint8Array(timestamps.length * (BYTES_BEFORE_TIME + MAX_VARINT_BYTES));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (let index = 0; index < timestamps.length; index++) {
    offset = writeSample(bytes, view, offset, timestamps[index]!, values[index]!, stale?.[index] === 1);
  }
  return bytes.subarray(0, offset);
}
