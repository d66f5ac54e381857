import type { LabelMatcher } from '../../syntax/ast.js';

/** The labels of a series, including its name as `__name__`. No value is empty. */
export type Labels = ReadonlyMap<string, string>;

/** The views that a selector can choose. */
export const VIEWS = ['held', 'raw', 'delta'] as const;

/** The view, which decides which samples of pushed series a selector sees. */
export type View = (typeof VIEWS)[number];

/** The continuation of a pushed series between its pushes. Its value is a step function and not single points. */
export interface HeldSteps {
  /** The spacing of the grid on which a range sees the value; the grid is aligned to the epoch. */
  readonly gridMs: number;
  /** The time for which a value holds after its push. Infinity means until the next push. */
  readonly timeToLiveMs: number;
  /** True if the first sample is the very first of a counter, whose value was 0 one grid step before. */
  readonly startsFromZero: boolean;
}

/** One series with the samples that a selector can see, in time order. */
export interface SelectedSeries {
  readonly labels: Labels;
  /** The times in milliseconds since the epoch, ascending. Equal times occur only in the delta view. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The value is 1 for each sample that is a stale marker, and 0 for any other; null if no sample is a stale marker. */
  readonly stale: Uint8Array | null;
  /** The rules of the held view; null if the samples are points, as in Prometheus (raw and delta view). */
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
   * The first time at which the value of the held view matters. A series with a sample from `startMs` up to this time does not need the
   * last sample before `startMs`. Undefined if every time matters.
   */
  readonly firstValueMs: number | undefined;
  /**
   * The only times at which the value matters to the query, ascending, for a counter that never falls, never ends and has no
   * stale marker. All growth between two of these times can be returned as one sample, at the time of the last sample in between,
   * as long as the first sample of the series stays unchanged. No sample after the last edge may be left out. Null means
   * that every sample matters.
   */
  readonly edges: Float64Array | null;
}

/** Provides the samples for the evaluator. All of them are loaded before the evaluation begins. */
export interface SeriesSource {
  /** @param selector index of its {@link SelectRequest} in the plan of the query */
  seriesOf(selector: number): readonly SelectedSeries[];
}
