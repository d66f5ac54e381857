/**
 * A timer that does not keep Node from ending.
 *
 * @returns ends it
 */
export function startTimer(task: () => void, ms: number): () => void {
  const timer: unknown = setTimeout(task, ms);
  // In browsers it is a number.
  (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer as number);
}
