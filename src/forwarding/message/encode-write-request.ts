import { Writer } from 'protobufjs/minimal.js';
import type { MetricType } from '../../catalog/metric/metric.js';

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

/** The numbers of the types of a metric. */
const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = { counter: 1, gauge: 2, histogram: 3 };

/** The size of a sample before its time: its tag and length, the tag and bytes of its double, and the tag of its time. */
const BYTES_BEFORE_TIME = 2 + 9 + 1;

/** The upper half of the NaN that Prometheus uses as its stale marker. A JavaScript NaN has another payload. */
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

const TWO_32 = 0x1_0000_0000;

/** The number of groups of seven bits in a negative number, which is written as two's complement in 64 bits. */
const NEGATIVE_BYTES = 10;

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

/** Encodes a request. */
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
      offset = writeSample(bytes, view, offset, timestamps[place]!, values[place]!);
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

/** Returns the size of the fields of a series. */
function sizeOf({ labels, timestamps, start, end }: EncodedSeries): number {
  let size = labels.length + (end - start) * BYTES_BEFORE_TIME;
  for (let place = start; place < end; place++) size += varintSize(timestamps[place]!);
  return size;
}

/** @returns the offset after the sample */
function writeSample(bytes: Uint8Array, view: DataView, offset: number, timestamp: number, value: number): number {
  bytes[offset] = 0x12;
  bytes[offset + 1] = BYTES_BEFORE_TIME - 2 + varintSize(timestamp);
  bytes[offset + 2] = 0x09;
  if (Number.isNaN(value)) {
    view.setUint32(offset + 3, STALE_LOW, true);
    view.setUint32(offset + 7, STALE_HIGH, true);
  } else {
    view.setFloat64(offset + 3, value, true);
  }
  bytes[offset + 11] = 0x10;
  return writeVarint(bytes, offset + BYTES_BEFORE_TIME, timestamp);
}

function varintSize(value: number): number {
  if (value < 0) return NEGATIVE_BYTES;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** @returns the offset after the number */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let offset = at;
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes[offset++] = Number(rest & 0x7fn) | 0x80;
    bytes[offset++] = Number(rest);
    return offset;
  }
  let low = value % TWO_32;
  let high = Math.floor(value / TWO_32);
  while (high > 0 || low > 0x7f) {
    bytes[offset++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
    high = Math.floor(high / 128);
  }
  bytes[offset++] = low;
  return offset;
}

/** Compares names by their bytes in UTF-8, which is the order that the specification asks for. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
