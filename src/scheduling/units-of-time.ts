/** The length of a minute in milliseconds. */
export const MINUTE_MS = 60_000;

/** The length of an hour in milliseconds. */
export const HOUR_MS = 60 * MINUTE_MS;

/** The length of a day in milliseconds. Days are counted in UTC, so every day has this length. */
export const DAY_MS = 24 * HOUR_MS;
