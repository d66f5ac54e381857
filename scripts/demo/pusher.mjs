import { randomUUID } from 'node:crypto';
import { DemoError } from './service.mjs';

/** Number of samples in one push. By default, the service accepts up to 10,000. */
const BATCH = 8000;

/** Sends samples in full batches. */
export class Pusher {
  #waiting = [];

  constructor(service, token) {
    this.service = service;
    this.token = token;
    this.sent = 0;
  }

  /** Adds samples, and sends each batch that is full. */
  async add(samples) {
    this.#waiting.push(...samples);
    while (this.#waiting.length >= BATCH) await this.#send(this.#waiting.splice(0, BATCH));
  }

  /** Sends the remaining samples. */
  async finish() {
    if (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0));
  }

  async #send(metrics) {
    const report = await this.service.ask('POST', '/api/client/metrics/custom', {
      json: { metrics },
      token: this.token,
      // The key makes sure that a repeated push is counted only once.
      key: randomUUID(),
    });
    if (report?.rejectedCount > 0) {
      throw new DemoError(`The service refused samples: ${JSON.stringify(report).slice(0, 500)}`);
    }
    this.sent += metrics.length;
  }
}
