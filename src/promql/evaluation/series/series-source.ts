import type { LabelMatcher } from '../../syntax/ast.js';

/** The labels of a series, including its name as `__name__`. No value is empty. */
export type Labels = ReadonlyMap<string, string>;

/** The views that a selector may choose. */
export const VIEWS = ['held', 'raw', 'delta'] as const;

/** Which samples of pushed series a selector sees. */
export type View = (typeof VIEWS)[number];

/** How the value of a pushed series continues between its pushes: it is a step function, not single points. */
export interface HeldSteps {
  /** The spacing of the grid on which a range sees the value; the grid is aligned to the epoch. */
  readonly gridMs: number;
  /** How long a value holds after its push; Infinity = until the next one. */
  readonly timeToLiveMs: number;
  /** Whether the first sample is the very first of a counter, which was 0 one grid step before. */
  readonly startsFromZero: boolean;
}

/** One series with the samples that a selector may see, in time order. */
export interface SelectedSeries {
  readonly labels: Labels;
  /** Milliseconds since the epoch, ascending; equal times occur only in the delta view. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** 1 where the sample is a stale marker; null if there are none. */
  readonly stale: Uint8Array | null;
  /** Null if the samples are points, as in Prometheus (raw and delta view). */
  readonly held: HeldSteps | null;
}

/**
 * The samples that one selector of a query needs. Both ends are inclusive; the held view also needs the last sample before
 * `startMs`.
 */
export interface SelectRequest {
  readonly view: View;
  /** The matchers, except the one that chose the view. */
  readonly matchers: readonly LabelMatcher[];
  readonly startMs: number;
  readonly endMs: number;
  /**
   * The only times at which the value matters to the query, ascending, for a counter that never falls, never ends and has no
   * stale marker. All growth between two of these times may be returned as one sample at the time of the last one, as long as the
   * first sample of the series stays unchanged. No sample after the last edge may be left out. Null means that every sample
   * matters.
   */
  readonly edges: Float64Array | null;
}

/** Gives the evaluator its samples, all of which are loaded before the evaluation begins. */
export interface SeriesSource {
  /** @param selector index of its {@link SelectRequest} in the plan of the query */
  seriesOf(selector: number): readonly SelectedSeries[];
}
