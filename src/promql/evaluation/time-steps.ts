/** The times at which an expression is evaluated. */
export interface TimeSteps {
  readonly startMs: number;
  /** Not 0, also where there is one step only. */
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
 * The times at which a subquery evaluates its expression: the multiples of its step in `(from, to]`, whatever the times
 * of the query around it, so that a shifted window sees the same points.
 */
export function subquerySteps(fromMs: number, toMs: number, stepMs: number): TimeSteps {
  const startMs = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  return { startMs, stepMs, count: Math.max(0, Math.floor((toMs - startMs) / stepMs) + 1) };
}

/** The times that a selector or subquery looks at when it is evaluated at these times. */
export function referenceTime(timeMs: number, pinnedMs: number | null, offsetMs: number): number {
  return (pinnedMs ?? timeMs) - offsetMs;
}
