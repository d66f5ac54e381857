import { Writer } from 'protobufjs/minimal.js';
import type { MetricType } from '../../catalog/metric/metric.js';
import {
  BYTES_BEFORE_TIME,
  MAX_VARINT_BYTES,
  writeSample,
  writeVarint,
} from '../../prometheus-messages/write-sample.js';

/**
 * Encodes `prometheus.WriteRequest` of remote write 1.0.
 *
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol
 */

/** Samples of one series in a request. */
export interface EncodedSeries {
  /** The labels as {@link encodeLabels} returns them. */
  readonly labels: Uint8Array;
  /** The samples from `start` up to, but not including, `end`. NaN is a stale marker. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly start: number;
  readonly end: number;
}

/** The description of a metric in a request. */
export interface EncodedMetadata {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string | null;
  readonly unit: string | null;
}

/** The numbers of the metric types in the protocol. */
const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = { counter: 1, gauge: 2, histogram: 3 };

/** Encodes labels in the order of their names, as fields of a `TimeSeries`. Labels with an empty value are absent. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Uint8Array {
  const writer = Writer.create();
  const sorted = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => compareBytes(a, b));
  for (const [name, value] of sorted) {
    writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
  }
  return writer.finish();
}

/** Encodes a request with samples. The result is not compressed. */
export function encodeWriteRequest(series: readonly EncodedSeries[]): Uint8Array {
  const sizes = series.map(sizeOf);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + 1 + varintSize(size) + size, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [index, { labels, timestamps, values, start, end }] of series.entries()) {
    bytes[offset] = 0x0a;
    offset = writeVarint(bytes, offset + 1, sizes[index]!);
    bytes.set(labels, offset);
    offset += labels.length;
    for (let place = start; place < end; place++) {
      offset = writeSample(bytes, view, offset, timestamps[place]!, values[place]!, Number.isNaN(values[place]!));
    }
  }
  return bytes;
}

/** Encodes a request that describes metrics and has no samples. */
export function encodeMetadata(metrics: readonly EncodedMetadata[]): Uint8Array {
  const writer = Writer.create();
  for (const { name, type, help, unit } of metrics) {
    writer.uint32(0x1a).fork().uint32(0x08).uint32(TYPE_NUMBERS[type]).uint32(0x12).string(name);
    if (help !== null) writer.uint32(0x22).string(help);
    if (unit !== null) writer.uint32(0x2a).string(unit);
    writer.ldelim();
  }
  return writer.finish();
}

/** Returns the size of an encoded series in bytes, without its tag and its length. */
function sizeOf({ labels, timestamps, start, end }: EncodedSeries): number {
  let size = labels.length + (end - start) * BYTES_BEFORE_TIME;
  for (let place = start; place < end; place++) size += varintSize(timestamps[place]!);
  return size;
}

function varintSize(value: number): number {
  if (value < 0) return MAX_VARINT_BYTES;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Compares names by their bytes in UTF-8, which is the order that the specification requires. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
