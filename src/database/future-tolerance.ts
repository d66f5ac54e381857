/**
 * The maximum time by which a sample may be ahead of the database clock. Ingestion refuses later times, because a single wrong
 * clock would otherwise fix the value of a gauge for years. Queries end their ranges at this limit, so that no request makes the
 * store search an endless empty range.
 *
 * This is not a setting, because all processes on a database must agree: a process with a lower limit would hide samples that
 * another one has accepted, and with a higher limit, a single wrong clock would fix the value of a gauge for longer.
 */
export const FUTURE_TOLERANCE_MS = 10 * 60_000;
