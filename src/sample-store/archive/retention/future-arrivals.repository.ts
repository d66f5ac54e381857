import { Injectable } from '@nestjs/common';
import type { ArchiveTransaction } from '../archive.repository.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';

/** Arrivals that are at most this far in the future are tolerated, because the clocks of servers differ slightly. */
export const TOLERANCE_SECONDS = 5;

/** The age that the newest arrival has after the move, so that samples that arrive from now on are newer than the moved ones. */
const ROOM_SECONDS = 1;

/** Moves back arrivals that are in the future because the clock of Postgres was set forward for a while. */
@Injectable()
export class FutureArrivalsRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Moves all arrivals in the future back by the same amount, so that they keep their order and none is in the future.
   *
   * @returns the number of seconds by which they were moved; 0 if there were none
   */
  async bringBack(transaction: ArchiveTransaction): Promise<number> {
    const [row]: [{ ahead: number | null }] = await transaction.query(
      `SELECT date_part('epoch', greatest(
                (SELECT max(received_at) FROM ${this.schema}.sample_batch),
                (SELECT max(greatest(last_received_at, pushed_at)) FROM ${this.schema}.series)) - clock_timestamp()) AS ahead`,
    );
    if (row.ahead === null || row.ahead <= TOLERANCE_SECONDS) return 0;
    const seconds = row.ahead + ROOM_SECONDS;
    const future = `clock_timestamp() + interval '${TOLERANCE_SECONDS} seconds'`;
    const isAhead = (column: string) => `${column} > ${future}`;
    const moved = (column: string) =>
      `${column} = CASE WHEN ${isAhead(column)} THEN ${column} - make_interval(secs => $1) ELSE ${column} END`;
    await transaction.query(
      `UPDATE ${this.schema}.sample_batch SET received_at = date_trunc('milliseconds', received_at - make_interval(secs => $1))
       WHERE ${isAhead('received_at')}`,
      [seconds],
    );
    await transaction.query(
      `UPDATE ${this.schema}.series SET ${['last_at', 'last_received_at', 'pushed_at'].map(moved).join(', ')}
       WHERE ${isAhead('last_received_at')} OR ${isAhead('pushed_at')}`,
      [seconds],
    );
    // Without this, every poll of the change feed would return these metrics until the clock reaches the time of their change.
    await transaction.query(
      `UPDATE ${this.schema}.metric SET updated_at = clock_timestamp() WHERE ${isAhead('updated_at')}`,
    );
    return seconds;
  }
}
