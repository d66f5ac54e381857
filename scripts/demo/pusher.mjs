import { randomUUID } from 'node:crypto';
import { DemoError } from './service.mjs';

/** Samples in one push. The service takes 10,000 by default. */
const BATCH = 8000;

/** Sends samples in full batches. */
export class Pusher {
  #waiting = [];

  constructor(service, token) {
    this.service = service;
    this.token = token;
    this.sent = 0;
  }

  /** Takes samples, and sends what fills a batch. */
  async add(samples) {
    this.#waiting.push(...samples);
    while (this.#waiting.length >= BATCH) await this.#send(this.#waiting.splice(0, BATCH));
  }

  /** Sends the rest. */
  async finish() {
    if (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0));
  }

  async #send(metrics) {
    const report = await this.service.ask('POST', '/api/client/metrics/custom', {
      json: { metrics },
      token: this.token,
      // The key makes sure that a push that is sent again counts once.
      key: randomUUID(),
    });
    if (report?.rejectedCount > 0) {
      throw new DemoError(`The service refused samples: ${JSON.stringify(report).slice(0, 500)}`);
    }
    this.sent += metrics.length;
  }
}
