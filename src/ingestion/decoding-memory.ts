import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';

/**
 * How many times the memory may be waited for. A waiting request holds only the bytes of its body, but its client would not wait for
 * minutes.
 */
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

/**
 * Limits the memory of all bodies that are decoded at the same time. Four bytes of protobuf can become an object of four hundred, so
 * sixty bodies of a hundred kilobytes, which count little among the bodies, could end the process. Requests wait for memory in the
 * order of their arrival.
 */
@Injectable()
export class DecodingMemory {
  private readonly limit: number;
  private held = 0;
  private waitingBytes = 0;
  private readonly waiting: Waiting[] = [];

  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS)
    { ingest }: { readonly ingest: Pick<CustomMetricsOptions['ingest'], 'decodingMemoryBytes'> },
  ) {
    this.limit = ingest.decodingMemoryBytes;
  }

  /**
   * Runs a task that decodes a body and stores what is in it, as soon as there is memory for it. A body that needs more than the limit
   * is decoded while no other one is.
   *
   * @param bytes the largest size, in bytes, that the decoded body may have
   * @throws StoreUnavailableError if too many requests are waiting already
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
    await new Promise<void>((resolve) => this.waiting.push({ bytes, begin: resolve }));
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
