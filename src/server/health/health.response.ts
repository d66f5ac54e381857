/** Background work that has been failing for longer than a minute. */
export class HealthProblem {
  /** The work, as the end of a sentence that begins with "could not". */
  work: string;

  /** The reason for the last failure. */
  reason: string;

  /** The number of seconds for which the work has been failing. */
  seconds: number;
}

/** The state of the forwarding by remote write. */
export class ForwardingHealth {
  /** The number of seconds since everything that had arrived was forwarded; 0 while that is not known. */
  lagSeconds: number;

  /** Whether this process is the one that forwards. */
  isActive: boolean;
}

/** The state of the service. */
export class HealthResponse {
  /** `degraded` means that necessary background work fails, although pushes may still be accepted. */
  status: 'ok' | 'degraded';

  problems: HealthProblem[];

  /** The state of the forwarding by remote write. It is missing if nothing is forwarded. */
  forwarding?: ForwardingHealth;
}
