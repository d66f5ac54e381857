/** The times at which an expression is evaluated. */
export interface TimeSteps {
  readonly startMs: number;
  /** The length of a step. It is never 0, even if there is only one step. */
  readonly stepMs: number;
  readonly count: number;
}

export function timeOfStep(steps: TimeSteps, step: number): number {
  return steps.startMs + step * steps.stepMs;
}

export function lastTime(steps: TimeSteps): number {
  return timeOfStep(steps, steps.count - 1);
}

/**
 * Returns the times at which a subquery evaluates its expression. These are the multiples of its step in `(from, to]`. They do
 * not depend on the times of the enclosing query, so that a shifted window sees the same points.
 */
export function subquerySteps(fromMs: number, toMs: number, stepMs: number): TimeSteps {
  const startMs = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  return { startMs, stepMs, count: Math.max(0, Math.floor((toMs - startMs) / stepMs) + 1) };
}

/** Returns the time that a selector or subquery refers to when it is evaluated at a given time. */
export function referenceTime(timeMs: number, pinnedMs: number | null, offsetMs: number): number {
  return (pinnedMs ?? timeMs) - offsetMs;
}
