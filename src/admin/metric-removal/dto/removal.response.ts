/** What was removed, or with `dryRun` would be. */
export class RemovalResponse {
  metric: string;

  /** Nothing was removed. */
  dryRun: boolean;

  /** Of a histogram, those of its counters. */
  seriesCount: number;

  /** Raw samples of these series. */
  sampleCount: number;

  /** Rows that hold most of the samples; the newest samples are not in one yet. */
  chunkCount: number;
}
