/** The outcome of a request to the target. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** The target does not accept these samples, now or later. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string }
  /** The request has to be sent again. */
  | { readonly kind: 'unavailable'; readonly message: string; readonly retryAfterMs: number | undefined };

/** The reasons why a target refuses samples, as in the label `reason` of the metric. */
export type RefusalReason = 'out_of_order' | 'duplicate' | 'out_of_bounds' | 'other';

/** Texts by which Prometheus, Mimir, Cortex and Thanos name these reasons. */
const REASONS: readonly (readonly [text: string, reason: RefusalReason])[] = [
  ['duplicate sample', 'duplicate'],
  ['out of order', 'out_of_order'],
  ['out-of-order', 'out_of_order'],
  ['out of bounds', 'out_of_bounds'],
  ['too old', 'out_of_bounds'],
  ['too-old', 'out_of_bounds'],
  ['too far in', 'out_of_bounds'],
];

/** Returns the reason that a target gives in the body of its answer. */
export function reasonIn(body: string): RefusalReason {
  const text = body.toLowerCase();
  return REASONS.find(([part]) => text.includes(part))?.[1] ?? 'other';
}

const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Reads the header Retry-After, which contains seconds or a time.
 *
 * @param nowMs the current time in milliseconds since the epoch
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.length > 64) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

/**
 * Statuses that point to wrong settings, not to wrong samples. Requests succeed again after somebody has corrected the settings.
 */
const CONFIGURATION_STATUSES = new Set([401, 403, 404, 405, 407]);
/** The status with which the receiver of this service refuses samples that come back in a circle. */
const LOOP_DETECTED = 508;
const TEMPORARY_STATUSES = new Set([408, 425, 429]);

/** Determines the outcome from an answer of the target. */
export function outcomeOf(status: number, body: string, retryAfter: string | undefined, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status >= 300 && status < 400) {
    return unavailable(
      `it answers with a redirect (${status}), which is not followed: set REMOTE_WRITE_URL to its final address`,
    );
  }
  if (CONFIGURATION_STATUSES.has(status)) {
    return unavailable(`it answers ${status}: check the URL, the token and the headers (REMOTE_WRITE_…)`);
  }
  if (status === LOOP_DETECTED) {
    return unavailable(
      `it answers ${status}, because the samples would come back here in a circle: set REMOTE_WRITE_URL to another store`,
    );
  }
  if (status >= 500 || TEMPORARY_STATUSES.has(status)) {
    return unavailable(`it answers ${status}`, retryAfterMs(retryAfter, nowMs));
  }
  return { kind: 'refused', reason: reasonIn(body), message: `${status} ${body}`.trim() };
}

function unavailable(message: string, retryAfter?: number): Outcome {
  return { kind: 'unavailable', message, retryAfterMs: retryAfter };
}
