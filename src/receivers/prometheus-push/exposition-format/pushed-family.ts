/** The two formats of an exposition: text format 0.0.4, and OpenMetrics 1.0. */
export type PushedFormat = 'text' | 'openmetrics';

const TEXT_TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
const OPENMETRICS_TYPES = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'unknown',
  'info',
  'stateset',
  'gaugehistogram',
] as const;

/** The types that a `# TYPE` line can name. */
export type PushedType = (typeof TEXT_TYPES)[number] | (typeof OPENMETRICS_TYPES)[number];

export const PUSHED_TYPES: Readonly<Record<PushedFormat, readonly PushedType[]>> = {
  text: TEXT_TYPES,
  openmetrics: OPENMETRICS_TYPES,
};

/** One line of an exposition that is not a comment. */
export interface PushedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The value as it was written, which may be NaN or infinite. */
  readonly value: number;
  /** The time in milliseconds since the epoch; undefined if the line has none. */
  readonly timestamp: number | undefined;
  /** The line number, counted from 1. */
  readonly line: number;
}

/** A metric family with its samples, which may be anywhere in the exposition. */
export interface PushedFamily {
  readonly name: string;
  /** The type; undefined if there is no `# TYPE` line. */
  readonly type: PushedType | undefined;
  readonly help: string | undefined;
  readonly unit: string | undefined;
  readonly samples: readonly PushedSample[];
}
