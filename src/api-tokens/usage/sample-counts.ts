/** How many samples of a token were accepted and refused. */
export interface SampleCounts {
  readonly accepted: number;
  readonly refused: number;
}
