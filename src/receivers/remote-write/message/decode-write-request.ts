import { endOf } from '../../../http/bodies/protobuf-fields.js';
import { BoundedReader, eachFieldWithin } from './bounded-reader.js';
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

/** The wire type of bytes, texts and messages. */
const LENGTH_DELIMITED = 2;

interface SeriesBeingRead {
  readonly labels: string[];
  readonly samples: WrittenSample[];
  metadata: WrittenMetadata | undefined;
}

/**
 * Decodes a request. The generator yields after each series, so that other requests can run.
 *
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#protobuf-message and, for version 1.0, remote.proto and
 * types.proto of Prometheus.
 *
 * @param bytes the message, inflated
 * @throws MalformedWriteError if the message is invalid or above a limit
 */
export function* decodeWriteRequest(bytes: Buffer, version: WriteVersion): Generator<void, WriteRequest> {
  const decoder = version === '1.0' ? new FirstVersion(bytes) : new SecondVersion(bytes);
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
  histograms = 0;
  exemplars = 0;
  protected readonly reader: BoundedReader;

  constructor(bytes: Buffer) {
    this.reader = new BoundedReader(bytes);
  }

  *decode(): Generator<void, WriteRequest> {
    const { reader } = this;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      this.readField(tag >>> 3, tag & 7);
      yield;
    }
    return this;
  }

  protected abstract readField(field: number, wireType: number): void;

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
  protected skipMessage(): void {
    this.reader.pos = this.reader.messageEnd();
  }
}

/** Decodes `prometheus.WriteRequest`. */
class FirstVersion extends RequestDecoder {
  protected readField(field: number, wireType: number): void {
    if (field === 1) this.readSeries();
    else if (field === 3) this.readMetadata();
    else this.reader.skipType(wireType);
  }

  private readSeries(): void {
    const { reader } = this;
    const series: SeriesBeingRead = { labels: [], samples: [], metadata: undefined };
    eachFieldWithin(reader, reader.messageEnd(), (field, wireType) => {
      if (field === 1) this.readLabel(series.labels);
      else if (field === 2) series.samples.push(this.readSample());
      else if (field === 3) {
        this.exemplars++;
        this.skipMessage();
      } else if (field === 4) {
        this.histograms++;
        this.skipMessage();
      } else reader.skipType(wireType);
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
  private readonly symbols: string[] = [];
  /** The series are decoded after all symbols, because a sender may write the two fields in any order. */
  private readonly positions: { readonly start: number; readonly end: number }[] = [];

  override *decode(): Generator<void, WriteRequest> {
    yield* super.decode();
    for (const { start, end } of this.positions) {
      this.reader.pos = start;
      this.readSeries(end);
      yield;
    }
    return this;
  }

  protected readField(field: number, wireType: number): void {
    const { reader } = this;
    if (field === 4) {
      reader.countText();
      this.symbols.push(reader.stringVerify());
    } else if (field === 5) {
      const end = reader.messageEnd();
      this.positions.push({ start: reader.pos, end });
      reader.pos = end;
    } else reader.skipType(wireType);
  }

  private readSeries(end: number): void {
    const { reader } = this;
    const series: SeriesBeingRead = { labels: [], samples: [], metadata: undefined };
    let startedAt = 0;
    eachFieldWithin(reader, end, (field, wireType) => {
      if (field === 1) this.readReferences(series.labels, wireType);
      else if (field === 2) series.samples.push(this.readSample());
      else if (field === 3) {
        this.histograms++;
        this.skipMessage();
      } else if (field === 4) {
        this.exemplars++;
        this.skipMessage();
      } else if (field === 5) series.metadata = this.readMetadata();
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
    const symbol = this.symbols[index];
    if (symbol === undefined) {
      throw new MalformedWriteError(`a reference is ${index}, but the request has ${this.symbols.length} symbols`);
    }
    return symbol;
  }
}
