/**
 * Starts a timer that does not keep Node.js running.
 *
 * @returns a function that ends the timer
 */
export function startTimer(task: () => void, ms: number): () => void {
  const timer: unknown = setTimeout(task, ms);
  // In browsers, the timer is a number and has no `unref`.
  (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer as number);
}
