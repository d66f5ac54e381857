/** Background work that has failed for longer than a minute. */
export class HealthProblem {
  /** The work, as in "could not …". */
  work: string;

  /** Why it failed last. */
  reason: string;

  /** For how many seconds it has failed. */
  seconds: number;
}

/** How the service is. */
export class HealthResponse {
  /** `degraded` means that pushes may be taken, but something that must happen in the background does not. */
  status: 'ok' | 'degraded';

  problems: HealthProblem[];
}
