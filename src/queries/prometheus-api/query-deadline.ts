import { PrometheusError } from './answers/prometheus.error.js';

/** Ends a query when its client has disconnected or its time is up, whichever comes first. */
export class QueryDeadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly onClientGone = () =>
    this.controller.abort(new PrometheusError('canceled', 'query was canceled: the client has closed the connection'));

  /** @param client is aborted when the client closes the connection */
  constructor(
    private readonly client: AbortSignal,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => this.controller.abort(timedOut(timeoutMs)), timeoutMs);
    if (client.aborted) this.onClientGone();
    else client.addEventListener('abort', this.onClientGone);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits for a result, but no longer than until the end of the query. The work itself continues. */
  async orEnd<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let stop: (() => void) | undefined;
    const end = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([work, end]);
    } finally {
      signal.removeEventListener('abort', stop!);
    }
  }

  clear(): void {
    clearTimeout(this.timer);
    this.client.removeEventListener('abort', this.onClientGone);
  }
}

function timedOut(timeoutMs: number): PrometheusError {
  return new PrometheusError(
    'timeout',
    `query timed out after ${timeoutMs / 1_000} s (PROMQL_TIMEOUT, or timeout in the request)`,
  );
}
