/** The arrival time of samples and their position in the log, which order samples that have the same time. */
export interface Arrival {
  /** The arrival time in milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly writerId: number;
  readonly sequence: number;
}

/**
 * Compares a sample with the newest one of its series so far, in the one order that all processes use: time, then arrival, then
 * writer, then sequence. Arrival comes before the writer because the compaction takes rows in the order of their arrival (see
 * `ORDER_OF_ROWS` in sample-store/log/log-row.ts), so blocks need not record the writer.
 *
 * Samples of one series and one time in the same row of the log compare equal, and the later index wins. So code that visits a
 * row in the order of its indexes takes a sample that is not older, and code that takes only the last sample of a row takes one
 * that is newer. The newest sample is passed as four numbers, because it is kept in columns, and creating an object for each
 * sample would cost more than the comparison.
 *
 * @param at the time of the sample, ms since the epoch
 * @param newestAt the time of the newest sample; NaN if there is none yet, so that every sample is newer
 * @returns a positive number if the sample is newer, 0 if it compares equal, and a negative number if it is older
 */
export function compareToNewest(
  at: number,
  { receivedAt, writerId, sequence }: Arrival,
  newestAt: number,
  newestReceivedAt: number,
  newestWriterId: number,
  newestSequence: number,
): number {
  if (at !== newestAt) return at < newestAt ? -1 : 1;
  if (receivedAt !== newestReceivedAt) return receivedAt > newestReceivedAt ? 1 : -1;
  if (writerId !== newestWriterId) return writerId > newestWriterId ? 1 : -1;
  return sequence - newestSequence;
}
