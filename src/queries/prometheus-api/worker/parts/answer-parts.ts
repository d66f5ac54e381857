import { PromqlError } from '../../../../promql/evaluation/errors.js';
import { type QueryAnswer, QueryRun } from '../../../../promql/evaluation/evaluate.js';
import { resultJson } from '../../../../promql/evaluation/result/result-json.js';
import type { SelectedSeries } from '../../../../promql/evaluation/series/series-source.js';
import { notesJson } from '../../answers/json-answer.js';
import { tooManySamples } from '../../answers/prometheus.error.js';
import type { QueryTask } from '../evaluation-task.js';
import { sharedClockMs } from '../shared-clock.js';

/** A query that a worker evaluates, with its limits. */
export class WorkerQuery {
  private readonly run: QueryRun;

  constructor(private readonly task: QueryTask) {
    const { plan, maxSamples, maxSeries, deadline } = task;
    const shouldStop = () => (sharedClockMs() > deadline ? 'timeout' : null);
    this.run = new QueryRun(plan, { maxSamples, maxSeries, shouldStop });
  }

  /**
   * Adds a slice of the series of a selector.
   *
   * @throws PromqlError, or PrometheusError for too many samples
   */
  fold(selector: number, series: readonly SelectedSeries[]): void {
    this.attempt(() => this.run.fold(selector, series));
  }

  /**
   * Evaluates the query and writes its answer as JSON, in parts. The evaluation ends before the first part is written, so an
   * error replaces the answer and never appears in the middle of it.
   *
   * @param selected the series of each selector
   * @throws PromqlError, or PrometheusError for too many samples
   */
  parts(selected: readonly (readonly SelectedSeries[])[]): Generator<Uint8Array<ArrayBuffer>> {
    const answer = this.attempt(() => this.run.answer({ seriesOf: (selector) => selected[selector]! }));
    return answerJson(answer, this.task.limit);
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // The evaluator does not know which setting its limit comes from, so the message is replaced.
      if (error instanceof PromqlError && error.message.includes('too many samples')) {
        throw tooManySamples(this.task.maxSamples);
      }
      throw error;
    }
  }
}

function answerJson(answer: QueryAnswer, limit: number): Generator<Uint8Array<ArrayBuffer>> {
  let cut = answer;
  let { warnings } = answer;
  if (limit > 0 && (answer.resultType === 'vector' || answer.resultType === 'matrix') && answer.result.length > limit) {
    cut = { ...answer, result: answer.result.slice(0, limit) };
    warnings = [...warnings, 'results truncated due to limit'];
  }
  return resultJson(cut, {
    before: '{"status":"success","data":',
    after: `${notesJson(warnings, answer.infos)}}`,
  });
}
