/**
 * Runs a few tasks at once and lets the others wait in the order of their arrival, because the server refuses too many requests
 * at once.
 */
export class RequestQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(readonly atOnce: number) {}

  /** Runs a task in its turn. A task that is cancelled while it waits never runs. */
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
