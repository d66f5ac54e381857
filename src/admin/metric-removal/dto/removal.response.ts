/** The amount of data that was removed, or that would be removed without `dryRun`. */
export class RemovalResponse {
  metric: string;

  /** True if nothing was removed. */
  dryRun: boolean;

  /** The number of series; for a histogram, the series of its counters. */
  seriesCount: number;

  /** The number of raw samples of these series. */
  sampleCount: number;

  /** The number of chunks (rows) that hold these samples, except for the newest samples, which are not in a chunk yet. */
  chunkCount: number;
}
