/**
 * Maximum value of a wait. Node.js fires a timer of more than 2^31 ms immediately. An hour is far below that, and longer than any
 * useful wait.
 */
export const MAX_WAIT_MS = 3_600_000;
