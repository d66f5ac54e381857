import { endOf } from '../../../http/bodies/protobuf-fields.js';
import { BoundedReader, eachFieldWithin } from './bounded-reader.js';
import { KnownSeriesOfFirstVersion } from './known-series-first-version.js';
import type { KnownSeriesReader, SeriesRecognition } from './known-series-reader.js';
import { KnownSeriesOfSecondVersion } from './known-series-second-version.js';
import { MessageBytes } from './message-bytes.js';
import { Symbols } from './symbols.js';
import {
  MalformedWriteError,
  type WriteRequest,
  type WriteVersion,
  type WrittenMetadata,
  type WrittenSample,
  type WrittenSeries,
  type WrittenType,
} from './write-request.js';

/** The types by their numbers, which are the same in both versions. */
const TYPES: readonly (WrittenType | undefined)[] = [
  undefined,
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** The wire type of bytes, strings and messages. */
const LENGTH_DELIMITED = 2;

/** Number of fields that are read between two opportunities for other work. Decoding a series takes a few microseconds. */
const FIELDS_PER_STEP = 16;

interface SeriesBeingRead {
  readonly labels: string[];
  readonly samples: WrittenSample[];
  metadata: WrittenMetadata | undefined;
  readonly start: number;
  readonly end: number;
}

/**
 * Decodes a request. The generator yields after every few series, so that other requests can run.
 *
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#protobuf-message and, for version 1.0, remote.proto and
 * types.proto of Prometheus.
 *
 * @param bytes the message, inflated
 * @param recognition finds series by the bytes of their labels; their samples are read without decoding the labels
 * @throws MalformedWriteError if the message is invalid or above a limit
 */
export function* decodeWriteRequest(
  bytes: Buffer,
  version: WriteVersion,
  recognition: SeriesRecognition,
): Generator<void, WriteRequest> {
  const decoder = version === '1.0' ? new FirstVersion(bytes, recognition) : new SecondVersion(bytes, recognition);
  try {
    return yield* decoder.decode();
  } catch (error) {
    if (error instanceof MalformedWriteError) throw error;
    throw new MalformedWriteError(error instanceof Error ? error.message : String(error));
  }
}

abstract class RequestDecoder implements WriteRequest {
  readonly series: WrittenSeries[] = [];
  readonly families = new Map<string, WrittenMetadata>();
  abstract readonly known: KnownSeriesReader;
  protected readonly reader: BoundedReader;
  private ownHistograms = 0;
  private ownExemplars = 0;

  constructor(bytes: Buffer) {
    this.reader = new BoundedReader(bytes);
  }

  get histograms(): number {
    return this.ownHistograms + this.known.histograms;
  }

  get exemplars(): number {
    return this.ownExemplars + this.known.exemplars;
  }

  *decode(): Generator<void, WriteRequest> {
    const { reader } = this;
    for (let fields = 1; reader.pos < reader.len; fields++) {
      const tag = reader.uint32();
      this.readField(tag >>> 3, tag & 7);
      if (fields % FIELDS_PER_STEP === 0) yield;
    }
    return this;
  }

  protected abstract readField(field: number, wireType: number): void;

  /** Reads the series that ends at `end`. */
  protected readSeries(end: number): void {
    const { reader, known } = this;
    const start = reader.pos;
    const { length } = known.samples;
    if (known.read(start, end)) {
      reader.pos = end;
      reader.countMessages(known.samples.length - length);
    } else this.decodeSeries(start, end);
  }

  protected abstract decodeSeries(start: number, end: number): void;

  protected skipHistogram(): void {
    this.ownHistograms++;
    this.skipMessage();
  }

  protected skipExemplar(): void {
    this.ownExemplars++;
    this.skipMessage();
  }

  protected readSample(): WrittenSample {
    const { reader } = this;
    let value = 0;
    let timestamp = 0;
    let startedAt = 0;
    eachFieldWithin(reader, reader.messageEnd(), (field, wireType) => {
      if (field === 1) value = reader.double();
      else if (field === 2) timestamp = reader.integer();
      else if (field === 3) startedAt = reader.integer();
      else reader.skipType(wireType);
    });
    return { value, timestamp, startedAt };
  }

  /** Skips a message that the service does not store. */
  private skipMessage(): void {
    this.reader.pos = this.reader.messageEnd();
  }
}

/** Decodes `prometheus.WriteRequest`. */
class FirstVersion extends RequestDecoder {
  readonly known: KnownSeriesReader;

  constructor(bytes: Buffer, recognition: SeriesRecognition) {
    super(bytes);
    this.known = new KnownSeriesOfFirstVersion(new MessageBytes(bytes), recognition);
  }

  protected readField(field: number, wireType: number): void {
    if (field === 1) this.readSeries(this.reader.messageEnd());
    else if (field === 3) this.readMetadata();
    else this.reader.skipType(wireType);
  }

  protected decodeSeries(start: number, end: number): void {
    const { reader } = this;
    const series: SeriesBeingRead = { labels: [], samples: [], metadata: undefined, start, end };
    eachFieldWithin(reader, end, (field, wireType) => {
      if (field === 1) this.readLabel(series.labels);
      else if (field === 2) series.samples.push(this.readSample());
      else if (field === 3) this.skipExemplar();
      else if (field === 4) this.skipHistogram();
      else reader.skipType(wireType);
    });
    if (series.samples.length > 0) this.series.push(series);
  }

  private readLabel(labels: string[]): void {
    const { reader } = this;
    let name = '';
    let value = '';
    eachFieldWithin(reader, endOf(reader), (field, wireType) => {
      if (field === 1) name = reader.stringVerify();
      else if (field === 2) value = reader.stringVerify();
      else reader.skipType(wireType);
    });
    labels.push(name, value);
    reader.countText(labels.length);
  }

  private readMetadata(): void {
    const { reader } = this;
    let type: WrittenType | undefined;
    let name = '';
    let help = '';
    let unit = '';
    eachFieldWithin(reader, reader.messageEnd(), (field, wireType) => {
      if (field === 1) type = TYPES[reader.uint32()];
      else if (field === 2) name = reader.stringVerify();
      else if (field === 4) help = reader.stringVerify();
      else if (field === 5) unit = reader.stringVerify();
      else reader.skipType(wireType);
    });
    this.families.set(name, { type, help, unit });
  }
}

/** Decodes `io.prometheus.write.v2.Request`, in which every string is an index into a table of symbols. */
class SecondVersion extends RequestDecoder {
  readonly known: KnownSeriesReader;
  private readonly symbols: Symbols;
  /** The series are decoded after all symbols, because a sender may write the two fields in any order. */
  private readonly positions: { readonly start: number; readonly end: number }[] = [];

  constructor(bytes: Buffer, recognition: SeriesRecognition) {
    super(bytes);
    this.symbols = new Symbols((start, end) => this.reader.textAt(start, end));
    this.known = new KnownSeriesOfSecondVersion(new MessageBytes(bytes), this.symbols, recognition);
  }

  override *decode(): Generator<void, WriteRequest> {
    yield* super.decode();
    for (const [index, { start, end }] of this.positions.entries()) {
      this.reader.pos = start;
      this.readSeries(end);
      if (index % FIELDS_PER_STEP === 0) yield;
    }
    return this;
  }

  protected readField(field: number, wireType: number): void {
    const { reader } = this;
    if (field === 4) {
      reader.countText();
      const end = endOf(reader);
      this.symbols.add(reader.pos, end);
      reader.pos = end;
    } else if (field === 5) {
      const end = reader.messageEnd();
      this.positions.push({ start: reader.pos, end });
      reader.pos = end;
    } else reader.skipType(wireType);
  }

  protected decodeSeries(start: number, end: number): void {
    const { reader } = this;
    const series: SeriesBeingRead = { labels: [], samples: [], metadata: undefined, start, end };
    let startedAt = 0;
    eachFieldWithin(reader, end, (field, wireType) => {
      if (field === 1) this.readReferences(series.labels, wireType);
      else if (field === 2) series.samples.push(this.readSample());
      else if (field === 3) this.skipHistogram();
      else if (field === 4) this.skipExemplar();
      else if (field === 5) series.metadata = this.readMetadata();
      // Senders that implement an early draft give one start time for all samples of the series.
      else if (field === 6) startedAt = reader.integer();
      else reader.skipType(wireType);
    });
    if (series.labels.length % 2 !== 0) throw new MalformedWriteError('a series has a label without a value');
    if (series.samples.length === 0) return;
    const samples =
      startedAt === 0
        ? series.samples
        : series.samples.map((each) => ({ ...each, startedAt: each.startedAt || startedAt }));
    this.series.push({ ...series, samples });
  }

  /** Reads references, which are packed unless a sender writes each as a field of its own. */
  private readReferences(labels: string[], wireType: number): void {
    const { reader } = this;
    const end = wireType === LENGTH_DELIMITED ? endOf(reader) : reader.pos + 1;
    while (reader.pos < end) {
      labels.push(this.symbolAt(reader.uint32()));
      reader.countText(labels.length);
    }
  }

  private readMetadata(): WrittenMetadata {
    const { reader } = this;
    let type: WrittenType | undefined;
    let help = '';
    let unit = '';
    eachFieldWithin(reader, reader.messageEnd(), (field, wireType) => {
      if (field === 1) type = TYPES[reader.uint32()];
      else if (field === 3) help = this.symbolAt(reader.uint32());
      else if (field === 4) unit = this.symbolAt(reader.uint32());
      else reader.skipType(wireType);
    });
    return { type, help, unit };
  }

  private symbolAt(index: number): string {
    const symbol = this.symbols.textOf(index);
    if (symbol === undefined) {
      throw new MalformedWriteError(`a reference is ${index}, but the request has ${this.symbols.count} symbols`);
    }
    return symbol;
  }
}
