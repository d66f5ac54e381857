import { sanitizeText } from '../../outside-text/name.js';
import type { Refusal } from '../../catalog/refusal.js';
import type { ExportMetricsResponse } from './dto/export-metrics.response.js';

/** Exporters log the message on every export; a few reasons are read, a thousand are not. */
const MAX_REASONS = 5;
const MAX_REASON_LENGTH = 500;

/** Data points that were not taken, and what is said of them. */
export interface Rejection {
  /** 0 where only something that is no data point was not taken. */
  readonly count: number;
  /** Each once. */
  readonly reasons: readonly string[];
}

/** What is said of one kind of refusal, as Postgres can hold it: a replay is answered with the same. */
export function rejectionOf(count: number, { message }: Refusal): Rejection {
  return { count, reasons: [sanitizeText(message.slice(0, MAX_REASON_LENGTH))] };
}

/** Several as one; one reason more than is shown is kept, so that it can be said that there are more. */
export function joinRejections(rejections: readonly Rejection[]): Rejection {
  const reasons = new Set<string>();
  let count = 0;
  for (const each of rejections) {
    count += each.count;
    for (const reason of each.reasons) if (reasons.size <= MAX_REASONS) reasons.add(reason);
  }
  return { count, reasons: [...reasons] };
}

/** The `ExportMetricsServiceResponse` in the form of JSON; empty if everything was taken. */
export function responseOf({ count, reasons }: Rejection): ExportMetricsResponse {
  if (reasons.length === 0) return {};
  const shown = reasons.slice(0, MAX_REASONS).join(' ');
  const errorMessage = reasons.length > MAX_REASONS ? `${shown} There are more reasons.` : shown;
  return { partialSuccess: { rejectedDataPoints: String(count), errorMessage } };
}
