import { CommitGroup, type WaitingRequest } from '../../../src/sample-store/log/commit-group.js';
import type { RequestReceipt } from '../../../src/sample-store/receipts/request-receipt.js';
import { seriesOf } from './series.js';

/** A request that waits for its commit, with the answers that it has received. */
export interface AskingRequest {
  readonly request: WaitingRequest;
  /** The value `stored`, or the name and message of the error. As with a promise, only the first answer counts. */
  readonly answers: readonly string[];
}

/** Creates a request with one sample of the value 1 for each id. */
export function asking(ids: readonly number[], receipt?: RequestReceipt): AskingRequest {
  const series = ids.map((id) => seriesOf(id));
  const answers: string[] = [];
  const answer = (text: string) => {
    if (answers.length === 0) answers.push(text);
  };
  return {
    answers,
    request: {
      samples: { series, values: Float64Array.from(series, () => 1), timestamps: null },
      receipt,
      arrivedAt: performance.now(),
      waitingSince: performance.now(),
      resolve: () => answer('stored'),
      reject: (error) => answer(`${error.name}: ${error.message}`),
      isAnswered: false,
    },
  };
}

export function groupOf(...asking: readonly AskingRequest[]): CommitGroup {
  const size = asking.reduce((sum, { request }) => sum + request.samples.series.length, 0);
  return new CommitGroup(
    asking.map(({ request }) => request),
    size,
  );
}

export function receiptOf(key: string): RequestReceipt {
  return { tokenId: 1, key, bodyHash: Buffer.from(key), answer: null };
}
