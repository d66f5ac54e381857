import type { RejectedItem } from './metrics-problem.js';

/** What an answer means for the batch. */
export type Verdict = 'acknowledged' | 'retry' | 'refused';

/** Would pass if it was sent again: no server behind the proxy yet, too slow, too early, too much. */
const TRANSIENT = new Set([404, 408, 425, 429]);

/** A server that asks to wait longer is asked again all the same. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Of what another server wrote, only so much is passed on. */
const MAX_TEXT_LENGTH = 300;

/**
 * Only 202 says that the samples are committed: a page that some proxy answers to everything with 200 does not. What is no
 * fault of the request is sent again.
 */
export function verdictOf(status: number): Verdict {
  if (status === 202) return 'acknowledged';
  return status >= 400 && status < 500 && !TRANSIENT.has(status) ? 'refused' : 'retry';
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds or a date.
 *
 * @returns milliseconds from now; 0 without the header or with one that is neither
 */
export function readRetryAfter(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : 0;
}

/** What the server did not take from a batch that it stored; undefined if it took everything. */
export function readRejected(text: string): { count: number; items: RejectedItem[] } | undefined {
  const { rejected, rejectedCount } = parse(text) as { rejected?: RejectedItem[]; rejectedCount?: number };
  return rejected?.length ? { count: rejectedCount ?? rejected.length, items: rejected } : undefined;
}

/** What an error says, shortened. */
export function readErrorMessage(text: string): string {
  const { message } = parse(text) as { message?: unknown };
  return (typeof message === 'string' ? message : text).slice(0, MAX_TEXT_LENGTH);
}

function parse(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
