/** The arrival of samples and their position in the log, which decide between two samples of the same time. */
export interface Arrival {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly writerId: number;
  readonly sequence: number;
}

/**
 * Compares a sample with the newest one of its series so far, in the one order that all processes use: time, then arrival, then
 * writer, then sequence. Arrival comes before the writer because the compaction takes rows in the order of their arrival (see
 * `ORDER_OF_ROWS` in sample-store/log/log-row.ts), so chunks need not record the writer.
 *
 * Samples of one series and one time in the same row of the log compare equal, and the later index wins. Who visits a row in the
 * order of its indexes thus takes a sample that is not older; who takes only the last one of a row needs one that is newer. The
 * newest sample comes as four numbers, because it is kept in columns and an object for each sample would cost more than the rest.
 *
 * @param at the time of the sample, ms since the epoch
 * @param newestAt the time of the newest sample; NaN if there is none yet, and then every sample is newer
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
