import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { usableWait } from '../database/store-wait.js';

/** How many times the memory may be waited for. A waiting request holds only the bytes of its body, but those take memory, too. */
const MAX_ROUNDS = 32;

/** The memory that one request holds for its decoded body. */
export interface DecodedBody {
  /** Gives back what the request does not need, when its real size is known. A larger size changes nothing. */
  shrinkTo(bytes: number): void;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

interface DecodingOptions {
  readonly ingest: Pick<CustomMetricsOptions['ingest'], 'decodingMemoryBytes'>;
  readonly store: Pick<CustomMetricsOptions['store'], 'waitMs'>;
}

/**
 * Limits the memory of all bodies that are decoded at the same time. Four bytes of protobuf can become an object of four hundred, so
 * sixty bodies of a hundred kilobytes, which count little among the bodies, could end the process. Requests wait for memory in the
 * order of their arrival, but no longer than for Postgres: while it is away, each request keeps its memory until it is given up, and
 * those behind it would wait for many times as long.
 */
@Injectable()
export class DecodingMemory {
  private readonly limit: number;
  private readonly waitMs: number;
  private held = 0;
  private waitingBytes = 0;
  private readonly waiting: Waiting[] = [];

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { ingest, store }: DecodingOptions) {
    this.limit = ingest.decodingMemoryBytes;
    this.waitMs = usableWait(store.waitMs);
  }

  /**
   * Runs a task that decodes a body and stores what is in it, as soon as there is memory for it. A body that needs more than the limit
   * is decoded while no other one is.
   *
   * @param bytes the largest size, in bytes, that the decoded body may have
   * @throws StoreUnavailableError if too many requests are waiting already, or if this one has waited too long
   */
  async take<T>(bytes: number, task: (body: DecodedBody) => Promise<T>): Promise<T> {
    let own = Math.min(bytes, this.limit);
    await this.waitFor(own);
    const giveBack = (returned: number) => {
      own -= returned;
      this.held -= returned;
      this.beginNext();
    };
    try {
      return await task({ shrinkTo: (needed) => giveBack(Math.max(own - needed, 0)) });
    } finally {
      giveBack(own);
    }
  }

  private async waitFor(bytes: number): Promise<void> {
    if (this.waiting.length === 0 && this.held + bytes <= this.limit) {
      this.held += bytes;
      return;
    }
    if (this.waitingBytes + bytes > MAX_ROUNDS * this.limit) {
      throw new StoreUnavailableError(
        `${this.waiting.length} requests wait for memory to decode their bodies, which is the limit (INGEST_DECODING_MEMORY). ` +
          'Nothing of this one was stored; send it again, or send fewer samples in each request.',
      );
    }
    this.waitingBytes += bytes;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.leave(waiting);
        reject(
          new StoreUnavailableError(
            `The request has waited for ${this.waitMs} ms (STORE_WAIT_MS) for memory to decode its body, which earlier requests hold ` +
              '(INGEST_DECODING_MEMORY). Nothing of it was stored; send it again.',
          ),
        );
      }, this.waitMs);
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const waiting = { bytes, begin };
      this.waiting.push(waiting);
    });
  }

  private leave(waiting: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(waiting), 1);
    this.waitingBytes -= waiting.bytes;
    // It may have been the first one, and the next one may need less.
    this.beginNext();
  }

  private beginNext(): void {
    for (let [next] = this.waiting; next !== undefined && this.held + next.bytes <= this.limit; [next] = this.waiting) {
      this.waiting.shift();
      this.waitingBytes -= next.bytes;
      this.held += next.bytes;
      next.begin();
    }
  }
}
