import type { MetricsProblem, ProblemReason } from './metrics-problem.js';
import { startTimer } from './timer.js';

/** What calls are told why their value was not taken. */
const SENTENCES: Readonly<Partial<Record<ProblemReason, string>>> = {
  invalid_name: 'a name has 1 to 1,000 characters',
  invalid_value: 'a value is a finite number, of counters and histograms not negative',
  invalid_labels: 'labels are texts, numbers or booleans, 4,096 characters with the name, and not "le" of a histogram',
  invalid_buckets: 'buckets are up to 200 rising numbers, three fewer than maxBatchSamples',
  metric_conflict: 'the name has another kind, or other buckets',
  too_many_series: 'more than maxSeries: is the server away, a label unbounded?',
  closed: 'the client is closed',
};

/** Counts what goes wrong, and tells it outside of the caller's path. */
export class ProblemLog {
  readonly dropped: Partial<Record<ProblemReason, number>> = {};
  private readonly untold = new Map<ProblemReason, { count: number; name: string }>();

  /** @param intervalMs how long refused calls are gathered before they are told */
  constructor(
    private readonly listeners: Record<'onDropped' | 'onError', (problem: MetricsProblem) => void>,
    private readonly intervalMs: number,
  ) {}

  /** A call whose value was not taken. */
  refuse(reason: ProblemReason, name: unknown): void {
    const entry = this.untold.get(reason) ?? {
      count: 0,
      name: typeof name === 'string' ? name.slice(0, 100) : typeof name,
    };
    entry.count++;
    if (this.untold.size === 0) startTimer(() => this.tellRefusals(), this.intervalMs);
    this.untold.set(reason, entry);
    this.count(reason, 1);
  }

  /** Once for each reason, however often it happened. */
  tellRefusals(): void {
    for (const [reason, { count, name }] of this.untold) {
      const message = `${count} values were dropped, first of "${name}": ${SENTENCES[reason]}`;
      this.call('onDropped', { reason, message, dropped: count });
    }
    this.untold.clear();
  }

  /** Samples of a batch are lost. */
  drop(problem: MetricsProblem): void {
    this.count(problem.reason, problem.dropped);
    this.call('onDropped', problem);
  }

  /** A batch is sent again, or was stored in part. */
  report(problem: MetricsProblem): void {
    if (problem.dropped > 0) this.count(problem.reason, problem.dropped);
    this.call('onError', problem);
  }

  private count(reason: ProblemReason, dropped: number): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + dropped;
  }

  /** A listener may fail, at once or later, without harm to anybody. */
  private call(listener: 'onDropped' | 'onError', problem: MetricsProblem): void {
    Promise.resolve(problem)
      .then(this.listeners[listener])
      .catch(() => undefined);
  }
}
