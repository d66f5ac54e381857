/** The amount of data that was removed, or that would be removed without `dryRun`. */
export class RemovalResponse {
  metric: string;

  /** True for a dry run, which removes nothing. */
  dryRun: boolean;

  /** The number of removed series. For a histogram, these are the series of its counters. */
  seriesCount: number;

  /** The number of raw samples of these series. */
  sampleCount: number;

  /**
   * The number of blocks and chunks (rows) that hold these samples, except for the newest samples, which are in the log. A block
   * also holds samples of other series.
   */
  chunkCount: number;
}
