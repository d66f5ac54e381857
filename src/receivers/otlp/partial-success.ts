import { sanitizeText } from '../../outside-text/name.js';
import type { Refusal } from '../../catalog/refusal.js';
import type { ExportMetricsResponse } from './dto/export-metrics.response.js';

/** Maximum number of reasons in an answer. It is small, because exporters log the message of every such answer. */
const MAX_REASONS = 5;
const MAX_REASON_LENGTH = 500;

/** The number of refused data points, and the reasons. */
export interface Rejection {
  /** The number of data points. This is 0 if only samples that were not sent as data points were refused. */
  readonly count: number;
  /** The distinct reasons. */
  readonly reasons: readonly string[];
}

/**
 * Returns the rejection for one refusal. Characters that Postgres can't store are replaced, because the rejection is stored for
 * replays.
 */
export function rejectionOf(count: number, { message }: Refusal): Rejection {
  return { count, reasons: [sanitizeText(message.slice(0, MAX_REASON_LENGTH))] };
}

/** Joins several rejections. One more reason than is shown is kept, so that the answer can say that there are more. */
export function joinRejections(rejections: readonly Rejection[]): Rejection {
  const reasons = new Set<string>();
  let count = 0;
  for (const each of rejections) {
    count += each.count;
    for (const reason of each.reasons) if (reasons.size <= MAX_REASONS) reasons.add(reason);
  }
  return { count, reasons: [...reasons] };
}

/** Returns the `ExportMetricsServiceResponse` in its JSON form. The object is empty if everything was accepted. */
export function responseOf({ count, reasons }: Rejection): ExportMetricsResponse {
  if (reasons.length === 0) return {};
  const shown = reasons.slice(0, MAX_REASONS).join(' ');
  const errorMessage = reasons.length > MAX_REASONS ? `${shown} There are more reasons.` : shown;
  return { partialSuccess: { rejectedDataPoints: String(count), errorMessage } };
}
