import { sanitizeText } from '../../../outside-text/name.js';
import type { IngestResult } from '../../../ingestion/ingest-result.js';
import type { RefusalReason } from '../../../catalog/refusal.js';

/** An answer lists so many refused items; ten thousand of them would be a megabyte that nobody reads. */
const MAX_LISTED = 100;

/** An item that was not taken. */
export class RejectedItemResponse {
  /** Its place in `metrics`, from 0. */
  index: number;
  /** For programs. */
  reason: RefusalReason;
  /** What was wrong, which limit, and what to do. */
  message: string;
}

/** Answer to a batch of which something was not taken. */
export class IngestReportResponse {
  /** Samples that were stored. */
  accepted: number;
  /** The first 100 of what was not. */
  rejected: RejectedItemResponse[];
  /** How many were not. */
  rejectedCount: number;

  static of({ accepted, refused }: IngestResult): IngestReportResponse {
    return {
      accepted,
      rejected: refused.slice(0, MAX_LISTED).map(({ index, refusal }) => ({
        index,
        reason: refusal.reason,
        // As Postgres can hold it: a replay is answered with the same.
        message: sanitizeText(refusal.message),
      })),
      rejectedCount: refused.length,
    };
  }
}
