import type { LabelMatcher } from '../../syntax/ast.js';

/** The labels of a series, the name among them as `__name__`. No value is empty. */
export type Labels = ReadonlyMap<string, string>;

/** The views that a selector may choose. */
export const VIEWS = ['held', 'raw', 'delta'] as const;

/** Which samples of pushed series a selector sees. */
export type View = (typeof VIEWS)[number];

/** How the value of a pushed series goes on between its pushes: it is a step function, not points. */
export interface HeldSteps {
  /** A range sees the value on a grid of this width, aligned to the epoch. */
  readonly gridMs: number;
  /** How long a value holds after its push; Infinity = until the next one. */
  readonly timeToLiveMs: number;
  /** The first sample is the very first of a counter, which held 0 one grid step before. */
  readonly startsFromZero: boolean;
}

/** One series with the samples that a selector may look at, in the order of time. */
export interface SelectedSeries {
  readonly labels: Labels;
  /** Milliseconds since the epoch, rising; equal ones only in the delta view. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** 1 where the sample is a stale marker; null where there is none. */
  readonly stale: Uint8Array | null;
  /** Null: the samples are points, as in Prometheus (raw and delta view). */
  readonly held: HeldSteps | null;
}

/** What one selector of a query needs. Both ends are inclusive; a sample before `startMs` is wanted too in the held view. */
export interface SelectRequest {
  readonly view: View;
  /** Without the one that chose the view. */
  readonly matchers: readonly LabelMatcher[];
  readonly startMs: number;
  readonly endMs: number;
  /**
   * The only times at which the value of a counter that never falls, ends or is cut short by a marker matters to the query,
   * ascending: what it counted between two of them may come as one sample at the time of the last one, as long as the first
   * sample of the series stays where it is. Nothing after the last edge may be left out. Null: every sample matters.
   */
  readonly edges: Float64Array | null;
}

/** Gives the evaluator its samples; all of them are there before evaluation begins. */
export interface SeriesSource {
  /** @param selector its place in {@link SelectRequest}s as the plan of the query lists them */
  seriesOf(selector: number): readonly SelectedSeries[];
}
