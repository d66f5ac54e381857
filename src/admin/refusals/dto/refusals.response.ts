import type { StoredRefusal } from '../../../refusals/refused-part.js';

/** The newest refusals with one token, reason and metric. */
export class RefusalResponse {
  /**
   * The time of the last one.
   * @example 2026-11-24T12:00:04.120Z
   */
  lastAt: string;

  /**
   * The time of the first one that is still counted.
   * @example 2026-11-24T11:02:51.000Z
   */
  firstAt: string;

  /**
   * How often it has happened since then, at least: of a batch, only the first hundred refused items are looked at.
   * @example 14
   */
  count: number;

  /**
   * The name of the token, or null if the request had no valid one.
   * @example shop-ingest
   */
  token: string | null;

  /**
   * The reason, as in the answer to the push. Whole requests have the reasons `request_invalid`, `token_unknown`,
   * `token_not_allowed`, `request_too_large`, `content_type_unknown`, `idempotency_key_reused` and `too_many_requests`.
   * @example type_conflict
   */
  reason: string;

  /**
   * The message of the last one, at most 500 characters.
   * @example orders_total is a counter and cannot be pushed as a gauge.
   */
  message: string;

  /**
   * The name of the metric as the client sent it, at most 200 characters, or null for a whole request.
   * @example orders_total
   */
  metric: string | null;

  /**
   * The value of the last one as the client sent it, at most 200 characters, or null if there is none.
   * @example 3
   */
  value: string | null;

  static of({ lastAt, firstAt, count, token, reason, message, metric, value }: StoredRefusal): RefusalResponse {
    return Object.assign(new RefusalResponse(), {
      lastAt: new Date(lastAt).toISOString(),
      firstAt: new Date(firstAt).toISOString(),
      count,
      token,
      reason,
      message,
      metric: metric === '' ? null : metric,
      value,
    });
  }
}

/** The newest refusals of all processes. */
export class RefusalsResponse {
  /** Those that happened last come first. */
  refusals: RefusalResponse[];
}
