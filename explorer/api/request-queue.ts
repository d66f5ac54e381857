/**
 * Runs a limited number of tasks at a time. Further tasks wait in the order in which they arrive, because the server refuses
 * requests if too many are running.
 */
export class RequestQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(readonly atOnce: number) {}

  /** Runs a task when its turn comes, and returns its result. A task that is cancelled while it waits never runs. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await task();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #turn(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#running < this.atOnce) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', cancel);
        this.#running += 1;
        resolve();
      };
      const cancel = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiting.push(start);
    });
  }
}
