import { PromqlError } from '../../../promql/evaluation/errors.js';
import { evaluate, type QueryAnswer } from '../../../promql/evaluation/evaluate.js';
import { resultJson } from '../../../promql/evaluation/result/result-json.js';
import type { SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { notesJson } from '../answers/json-answer.js';
import { tooManySamples } from '../answers/prometheus.error.js';
import type { QueryTask } from './evaluation-task.js';
import { sharedClockMs } from './shared-clock.js';

/** Bytes of one part; each part costs a message between two threads. */
const PART_BYTES = 256 * 1024;

/**
 * Evaluates a query and writes its answer as JSON, in parts. The evaluation ends before the first part is written, so an error
 * replaces the answer and never appears in the middle of it.
 *
 * @throws PromqlError, or PrometheusError for too many samples
 */
export function answerParts(
  task: QueryTask,
  selected: readonly (readonly SelectedSeries[])[],
): Generator<Uint8Array<ArrayBuffer>> {
  const { plan, limit, maxSamples, maxSeries, deadline } = task;
  try {
    const answer = evaluate(
      plan,
      { seriesOf: (selector) => selected[selector]! },
      { maxSamples, maxSeries, shouldStop: () => (sharedClockMs() > deadline ? 'timeout' : null) },
    );
    return encoded(answerJson(answer, limit));
  } catch (error) {
    // The evaluator does not know the setting behind its limit, so the message is replaced.
    if (error instanceof PromqlError && error.message.includes('too many samples')) throw tooManySamples(maxSamples);
    throw error;
  }
}

function* answerJson(answer: QueryAnswer, limit: number): Generator<string> {
  let cut = answer;
  let { warnings } = answer;
  if (limit > 0 && (answer.resultType === 'vector' || answer.resultType === 'matrix') && answer.result.length > limit) {
    cut = { ...answer, result: answer.result.slice(0, limit) };
    warnings = [...warnings, 'results truncated due to limit'];
  }
  yield '{"status":"success","data":';
  yield* resultJson(cut);
  yield `${notesJson(warnings, answer.infos)}}`;
}

function* encoded(texts: Iterable<string>): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let part = '';
  for (const text of texts) {
    part += text;
    if (part.length < PART_BYTES) continue;
    yield encoder.encode(part);
    part = '';
  }
  if (part !== '') yield encoder.encode(part);
}
