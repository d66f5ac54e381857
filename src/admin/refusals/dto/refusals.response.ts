import type { StoredRefusal } from '../../../refusals/refused-part.js';

/** A summary of refusals with the same token, reason and metric. */
export class RefusalResponse {
  /**
   * The time of the latest refusal.
   * @example 2026-11-24T12:00:04.120Z
   */
  lastAt: string;

  /**
   * The time of the first refusal that `count` includes.
   * @example 2026-11-24T11:02:51.000Z
   */
  firstAt: string;

  /**
   * The number of refusals since `firstAt`. It is a lower bound, because only the first hundred refused items of a batch are
   * recorded.
   * @example 14
   */
  count: number;

  /**
   * The name of the token, or null if the request had no valid one.
   * @example shop-ingest
   */
  token: string | null;

  /**
   * The reason, as in the answer to the push. If a whole request was refused, it is one of `request_invalid`, `token_unknown`,
   * `token_not_allowed`, `request_too_large`, `content_type_unknown`, `idempotency_key_reused` or `too_many_requests`.
   * @example type_conflict
   */
  reason: string;

  /**
   * The message of the latest refusal, cut to 500 characters.
   * @example orders_total is a counter and cannot be pushed as a gauge.
   */
  message: string;

  /**
   * The name of the metric as the client sent it, cut to 200 characters, or null if a whole request was refused.
   * @example orders_total
   */
  metric: string | null;

  /**
   * The value of the latest refusal as the client sent it, cut to 200 characters, or null if there is none.
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
  /** The refusals, the latest first. */
  refusals: RefusalResponse[];
}
