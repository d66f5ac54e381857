/** The numbers of accepted and refused samples of a token. */
export interface SampleCounts {
  readonly accepted: number;
  readonly refused: number;
}
