import type { RejectedItem } from './metrics-problem.js';

/** The consequence of an answer for its batch. */
export type Verdict = 'acknowledged' | 'retry' | 'refused';

/**
 * Statuses after which a retry can succeed, because no server is behind the proxy yet, or the request was too slow, too early, or
 * one of too many.
 */
const TRANSIENT = new Set([404, 408, 425, 429]);

/** Maximum wait. A longer `Retry-After` is reduced to this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Maximum number of characters that are taken from an error answer, which may come from another server, such as a proxy. */
const MAX_TEXT_LENGTH = 300;

/**
 * Decides what to do after an answer. Only 202 means that the samples are committed, because a proxy may answer anything with
 * 200. After a 4xx status that is not transient, the batch is refused. After every other status, it is retried, because the
 * request is not at fault.
 */
export function verdictOf(status: number): Verdict {
  if (status === 202) return 'acknowledged';
  return status >= 400 && status < 500 && !TRANSIENT.has(status) ? 'refused' : 'retry';
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3), which is a number of seconds or a date.
 *
 * @returns milliseconds from now; 0 if the header is missing or invalid
 */
export function readRetryAfter(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : 0;
}

/** Reads which samples of a stored batch were refused. Returns undefined if the answer lists none. */
export function readRejected(text: string): { count: number; items: RejectedItem[] } | undefined {
  const { rejected, rejectedCount } = parse(text) as { rejected?: RejectedItem[]; rejectedCount?: number };
  return rejected?.length ? { count: rejectedCount ?? rejected.length, items: rejected } : undefined;
}

/** Returns the message of an error answer, or the whole text of an answer without one, shortened to {@link MAX_TEXT_LENGTH}. */
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
