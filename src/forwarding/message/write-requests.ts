import type { ForwardedSamples } from '../samples/forwarded-samples.js';
import { encodeWriteRequest, type EncodedSeries } from './encode-write-request.js';

/** Approximate maximum size of a request before compression. A request that has reached this size is complete. */
const MAX_BYTES = 3 * 1024 ** 2;
const BYTES_PER_SAMPLE = 20;

/** A request to the target, which is encoded when it is sent. */
export class WriteRequest {
  readonly sampleCount: number;

  constructor(private readonly series: readonly EncodedSeries[]) {
    this.sampleCount = series.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  encode(): Uint8Array {
    return encodeWriteRequest(this.series);
  }

  /**
   * Splits a request that the target has refused, in order to find the samples that the target does not accept.
   *
   * @returns an empty list if there is only one sample
   */
  split(): WriteRequest[] {
    if (this.sampleCount < 2) return [];
    if (this.series.length > 1) {
      const half = Math.ceil(this.series.length / 2);
      return [new WriteRequest(this.series.slice(0, half)), new WriteRequest(this.series.slice(half))];
    }
    const [only] = this.series as readonly [EncodedSeries];
    const middle = Math.ceil((only.start + only.end) / 2);
    return [new WriteRequest([{ ...only, end: middle }]), new WriteRequest([{ ...only, start: middle }])];
  }
}

/**
 * Returns the requests of one shard. All samples of a series are in the same shard, in the order of their times.
 *
 * @param shard the number of the shard, from 0
 */
export function* requestsOf(
  { texts, starts, timestamps, values }: ForwardedSamples,
  shard: number,
  shards: number,
  maxSamples: number,
): Generator<WriteRequest> {
  let series: EncodedSeries[] = [];
  let samples = 0;
  let bytes = 0;
  for (let place = shard; place < texts.length; place += shards) {
    const { labels } = texts[place]!;
    for (let start = starts[place]!; start < starts[place + 1]!;) {
      const end = Math.min(starts[place + 1]!, start + maxSamples - samples);
      series.push({ labels, timestamps, values, start, end });
      samples += end - start;
      bytes += labels.length + (end - start) * BYTES_PER_SAMPLE;
      start = end;
      if (samples < maxSamples && bytes < MAX_BYTES) continue;
      yield new WriteRequest(series);
      [series, samples, bytes] = [[], 0, 0];
    }
  }
  if (series.length > 0) yield new WriteRequest(series);
}
