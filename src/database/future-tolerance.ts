/**
 * How far ahead of the database clock the time of a sample may be. Ingestion refuses later times, because one wrong clock would
 * otherwise fix the value of a gauge for years. Queries rely on the limit: they end their ranges there, so that no request makes
 * the store look at endless empty time.
 */
export const FUTURE_TOLERANCE_MS = 10 * 60_000;
