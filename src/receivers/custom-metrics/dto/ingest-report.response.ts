import { sanitizeText } from '../../../outside-text/name.js';
import type { IngestResult } from '../../../ingestion/ingest-result.js';
import type { RefusalReason } from '../../../catalog/refusal.js';

/** Maximum number of refused items in an answer. A list of ten thousand would be a megabyte that no client needs. */
const MAX_LISTED = 100;

/** An item that was refused. */
export class RejectedItemResponse {
  /** The index of the item in `metrics`, counted from 0. */
  index: number;
  /** The reason, as a machine-readable code. */
  reason: RefusalReason;
  /** A text that says what was wrong, which limit applies, and how to fix it. */
  message: string;
}

/** The answer to a batch with refused items. */
export class IngestReportResponse {
  /** The number of samples that were stored. */
  accepted: number;
  /** The first 100 refused items. */
  rejected: RejectedItemResponse[];
  /** The total number of refused items. */
  rejectedCount: number;

  static of({ accepted, refused }: IngestResult): IngestReportResponse {
    return {
      accepted,
      rejected: refused.slice(0, MAX_LISTED).map(({ index, refusal }) => ({
        index,
        reason: refusal.reason,
        // The text must be one that Postgres can store, because the answer is stored for replays.
        message: sanitizeText(refusal.message),
      })),
      rejectedCount: refused.length,
    };
  }
}
