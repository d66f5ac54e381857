/** Background work that has failed for longer than a minute. */
export class HealthProblem {
  /** The work, as the end of "could not …". */
  work: string;

  /** The reason of the last failure. */
  reason: string;

  /** The number of seconds for which it has failed. */
  seconds: number;
}

/** The state of the service. */
export class HealthResponse {
  /** `degraded` means that necessary background work fails, although pushes may still be accepted. */
  status: 'ok' | 'degraded';

  problems: HealthProblem[];
}
