import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { isOutage } from '../../database/outage.js';
import { PromqlError } from '../../promql/evaluation/errors.js';
import { planQuery, type QueryPlan } from '../../promql/evaluation/series/plan.js';
import type { SelectRequest } from '../../promql/evaluation/series/series-source.js';
import { ExpressionMemo } from './expression-memo.js';
import { invalidParameter, PrometheusError, type PrometheusErrorType } from './answers/prometheus.error.js';
import { PrometheusApiMetrics } from './prometheus-api.metrics.js';
import { QueryDeadline } from './query-deadline.js';
import { sharedClockMs } from './worker/shared-clock.js';
import { QueryLimiter } from './query-limiter.js';
import type { QueryDefaults, QueryRequest } from './parameters/query-request.js';
import { SelectionReader, type ReadSelections } from './selection-reader.js';
import { EvaluationPool } from './worker/evaluation-pool.js';
import type { EvaluationTask } from './worker/evaluation-task.js';
import { answerSmall } from './worker/small-task.js';

/** The step of a subquery that does not give one, such as `[1h:]`. Prometheus has the same default. */
const SUBQUERY_STEP_MS = 60_000;

/** The client that sent a query. */
export interface Asker {
  readonly tokenId: number;
  /** The signal is aborted when the client closes the connection. */
  readonly client: AbortSignal;
}

/** The data that a query needs to read. */
export interface NeededSelections {
  readonly requests: readonly SelectRequest[];
  /** The indexes of requests whose series can be read in slices. */
  readonly foldable: ReadonlySet<number>;
}

/**
 * Answers queries. Each needs one plan, one read, and one evaluation, which runs in a worker thread unless the query is small.
 */
@Injectable()
export class QueryService {
  constructor(
    private readonly limiter: QueryLimiter,
    private readonly expressions: ExpressionMemo,
    private readonly reader: SelectionReader,
    private readonly pool: EvaluationPool,
    private readonly clock: DatabaseClock,
    private readonly metrics: PrometheusApiMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  get defaults(): QueryDefaults {
    const { timeoutSeconds, lookbackSeconds, maxPoints } = this.options.promql;
    return {
      now: this.clock.now(),
      timeoutMs: timeoutSeconds * 1_000,
      lookbackMs: lookbackSeconds * 1_000,
      maxPoints,
    };
  }

  /**
   * Answers a query.
   *
   * @returns the JSON of the answer, in parts
   * @throws PrometheusError
   */
  query(request: QueryRequest, asker: Asker): Promise<AsyncIterable<Uint8Array>> {
    const plan = this.planOf(request);
    const { maxSamples, maxSeries } = this.options.promql;
    const deadline = sharedClockMs() + request.timeoutMs;
    return this.run(
      { requests: plan.requests, foldable: new Set(plan.folds.keys()) },
      { ...asker, timeoutMs: request.timeoutMs },
      (selections) => ({
        kind: 'query',
        plan,
        limit: request.limit,
        rules: this.reader.rules,
        selections,
        maxSamples,
        maxSeries,
        deadline,
      }),
    );
  }

  /**
   * Reads the series that the selectors need and runs a task on them.
   *
   * @param needed the requests to read; only those of a PromQL query can be foldable
   * @param taskOf builds the task when it is known where the samples begin
   * @returns the parts of the answer
   * @throws PrometheusError
   */
  async run(
    needed: NeededSelections,
    asker: Asker & { readonly timeoutMs: number },
    taskOf: (selections: ReadSelections['selections']) => EvaluationTask,
  ): Promise<AsyncIterable<Uint8Array>> {
    const startedAt = performance.now();
    const observe = (outcome: 'success' | PrometheusErrorType) =>
      this.metrics.observeQuery(outcome, (performance.now() - startedAt) / 1_000);
    try {
      const parts = await this.runInTurn(needed, asker, taskOf);
      observe('success');
      return parts;
    } catch (error) {
      observe(error instanceof PrometheusError ? error.errorType : isOutage(error) ? 'unavailable' : 'internal');
      throw error;
    }
  }

  private async runInTurn(
    { requests, foldable }: NeededSelections,
    { tokenId, client, timeoutMs }: Asker & { readonly timeoutMs: number },
    taskOf: (selections: ReadSelections['selections']) => EvaluationTask,
  ): Promise<AsyncIterable<Uint8Array>> {
    const deadline = new QueryDeadline(client, timeoutMs);
    const { signal } = deadline;
    try {
      const leave = await this.limiter.enter(tokenId, signal);
      const work = this.reader.read(requests, { foldable, signal }, async ({ selections, input }) => {
        const task = taskOf(selections);
        const small = answerSmall(task, input);
        return small === undefined ? this.pool.run(task, input, signal) : readyParts(small);
      });
      // The statement that Postgres is executing is not cancelled, so a query that timed out, or whose client has left, keeps its
      // turn until its work has settled.
      const parts = await deadline.orEnd(work).catch((error: unknown) => {
        void work.then(ended, () => undefined).finally(leave);
        throw error;
      });
      // If a client reads the answer too slowly, the query gives up the worker and its turn.
      signal.addEventListener('abort', leave);
      return untilOver(parts, () => {
        leave();
        deadline.clear();
      });
    } catch (error) {
      deadline.clear();
      throw error;
    }
  }

  private planOf(request: QueryRequest): QueryPlan {
    const { query, isRange, startMs, endMs, stepMs, lookbackMs, view } = request;
    const expression = this.expressions.treeOf(query);
    try {
      return planQuery(expression, {
        query,
        kind: isRange ? 'range' : 'instant',
        startMs,
        endMs,
        stepMs,
        lookbackMs,
        defaultView: view,
        heldGridMs: this.options.promql.gridSeconds * 1_000,
        nowMs: this.clock.now(),
        summedSpanMs: this.options.promql.readSums ? this.options.archive.chunkPeriodSeconds * 1_000 : Infinity,
        defaultSubqueryStepMs: SUBQUERY_STEP_MS,
        maxPointsPerSeries: this.options.promql.maxPoints,
      });
    } catch (error) {
      if (error instanceof PromqlError) {
        throw error.errorType === 'bad_data'
          ? invalidParameter('query', error.message)
          : new PrometheusError(error.errorType, error.message);
      }
      throw error;
    }
  }
}

/** Returns the parts of an answer that is complete. */
async function* readyParts(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** Ends an answer that is no longer read. */
async function ended(parts: AsyncIterator<Uint8Array>): Promise<void> {
  await parts.return?.();
}

/** Wraps the parts of an answer and reports when the answer is over, even if no part is ever taken. */
function untilOver(parts: AsyncIterableIterator<Uint8Array>, over: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        try {
          const result = await parts.next();
          if (result.done === true) over();
          return result;
        } catch (error) {
          over();
          throw error;
        }
      },
      return: async () => {
        try {
          return await parts.return!();
        } finally {
          over();
        }
      },
    }),
  };
}
