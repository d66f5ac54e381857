import { sanitizeText } from '../../../outside-text/name.js';
import type { IngestResult } from '../../../ingestion/ingest-result.js';
import type { RefusalReason } from '../../../catalog/refusal.js';

/** Maximum number of refused items in an answer. Ten thousand of them would be a megabyte that nobody reads. */
const MAX_LISTED = 100;

/** An item that was refused. */
export class RejectedItemResponse {
  /** The index of the item in `metrics`, counted from 0. */
  index: number;
  /** A code for programs. */
  reason: RefusalReason;
  /** A text that says what was wrong, which limit applies, and what to do. */
  message: string;
}

/** The answer to a batch with refused items. */
export class IngestReportResponse {
  /** The number of samples that were stored. */
  accepted: number;
  /** The first 100 refused items. */
  rejected: RejectedItemResponse[];
  /** The number of all refused items. */
  rejectedCount: number;

  static of({ accepted, refused }: IngestResult): IngestReportResponse {
    return {
      accepted,
      rejected: refused.slice(0, MAX_LISTED).map(({ index, refusal }) => ({
        index,
        reason: refusal.reason,
        // The text must be one that Postgres can store, because a replay gets the same answer.
        message: sanitizeText(refusal.message),
      })),
      rejectedCount: refused.length,
    };
  }
}
