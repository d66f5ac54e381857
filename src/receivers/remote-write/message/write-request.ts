import type { KnownSeriesReader } from './known-series-reader.js';

/** The type of a metric according to its metadata. */
export type WrittenType = 'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset';

/** The metadata of a metric family or, in version 2.0, of a series. */
export interface WrittenMetadata {
  /** The type; undefined if it is unknown. */
  readonly type: WrittenType | undefined;
  readonly help: string;
  readonly unit: string;
}

/** One sample of a series. */
export interface WrittenSample {
  /** The value. NaN marks the end of a series, or a value that does not exist. */
  readonly value: number;
  /** The time in milliseconds since the epoch. */
  readonly timestamp: number;
  /** The time at which a counter began at zero, in milliseconds since the epoch; 0 if it is unknown. */
  readonly startedAt: number;
}

/** A series with its new samples. */
export interface WrittenSeries {
  /** The names and values of the labels, alternating: name, value, name, value, … */
  readonly labels: readonly string[];
  readonly samples: readonly WrittenSample[];
  /** The metadata of the series. Version 1.0 sends none with the series. */
  readonly metadata: WrittenMetadata | undefined;
  /** The place of the series in the message: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** A request of either version of remote write. */
export interface WriteRequest {
  /** The series that were not recognised by the bytes of their labels. */
  readonly series: readonly WrittenSeries[];
  /** The reader of the series that were recognised. It contains their samples. */
  readonly known: KnownSeriesReader;
  /** The metadata by the name of the metric family. Only version 1.0 sends metadata for families. */
  readonly families: ReadonlyMap<string, WrittenMetadata>;
  /** The number of native histogram samples, which the service does not store. */
  readonly histograms: number;
  /** The number of exemplars, which the service does not store. */
  readonly exemplars: number;
}

/** The version of a request's message, which is given by the content type. */
export type WriteVersion = '1.0' | '2.0';

/** The error for a body that is not a remote-write message, or that exceeds a limit. */
export class MalformedWriteError extends Error {
  override readonly name = 'MalformedWriteError';
}
