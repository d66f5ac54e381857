import type { ForwardedSamples } from '../samples/forwarded-samples.js';
import { Form } from '../samples/series-texts.js';
import { requestsOf, type WriteRequest } from './write-requests.js';

/** Makes samples of series with these numbers of samples. */
function samplesOf(...counts: number[]): ForwardedSamples {
  const starts = Uint32Array.from([
    0,
    ...counts.map((_, index) => counts.slice(0, index + 1).reduce((a, b) => a + b, 0)),
  ]);
  return {
    texts: counts.map((_, index) => ({ labels: Uint8Array.of(index), form: Form.AsPushed })),
    starts,
    timestamps: new Float64Array(starts.at(-1)!),
    values: new Float64Array(starts.at(-1)!),
    ofDeletedSeries: 0,
  };
}

const countsOf = (requests: Iterable<WriteRequest>) => Array.from(requests, ({ sampleCount }) => sampleCount);

describe('the requests of a stretch', () => {
  it('have at most the allowed number of samples', () => {
    expect(countsOf(requestsOf(samplesOf(3, 5, 1, 1), 0, 1, 4))).toEqual([4, 4, 2]);
  });

  it('contain all samples of a series in one shard', () => {
    const samples = samplesOf(1, 20, 300);
    expect([0, 1].map((shard) => countsOf(requestsOf(samples, shard, 2, 1_000)))).toEqual([[301], [20]]);
    expect(countsOf(requestsOf(samples, 3, 4, 1_000))).toEqual([]);
  });

  it('are split until a refused sample is alone', () => {
    const [request] = requestsOf(samplesOf(2, 1), 0, 1, 10);
    const parts = request!.split();
    expect(countsOf(parts)).toEqual([2, 1]);
    expect(countsOf(parts[0]!.split())).toEqual([1, 1]);
    expect(parts[1]!.split()).toEqual([]);
  });
});
