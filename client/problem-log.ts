import type { MetricsProblem, ProblemReason } from './metrics-problem.js';
import { startTimer } from './timer.js';

/** The rule that a refused value violates, for each reason. The messages contain it. */
const SENTENCES: Readonly<Partial<Record<ProblemReason, string>>> = {
  invalid_name: 'a name has 1 to 1,000 characters',
  invalid_value: 'a value is a finite number, and not negative for counters and histograms',
  invalid_labels:
    'labels are strings, numbers or booleans, 4,096 characters with the name, and not "le" of a histogram',
  invalid_buckets: 'buckets are up to 200 ascending numbers, at most maxBatchSamples - 3',
  metric_conflict: 'the name has another kind, or other buckets',
  too_many_series: 'more than maxSeries: is the server away, or a label unbounded?',
  closed: 'the client is closed',
};

/** Counts problems, and reports them to listeners outside the caller's stack. */
export class ProblemLog {
  readonly dropped: Partial<Record<ProblemReason, number>> = {};
  private readonly untold = new Map<ProblemReason, { count: number; name: string }>();

  /** @param intervalMs the time for which refused calls are collected before they are reported */
  constructor(
    private readonly listeners: Record<'onDropped' | 'onError', (problem: MetricsProblem) => void>,
    private readonly intervalMs: number,
  ) {}

  /** Records a call whose value was refused. */
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

  /** Reports refused calls once for each reason, with their number. */
  tellRefusals(): void {
    for (const [reason, { count, name }] of this.untold) {
      const message = `${count} values were dropped, first of "${name}": ${SENTENCES[reason]}`;
      this.call('onDropped', { reason, message, dropped: count });
    }
    this.untold.clear();
  }

  /** Reports lost samples of a batch. */
  drop(problem: MetricsProblem): void {
    this.count(problem.reason, problem.dropped);
    this.call('onDropped', problem);
  }

  /** Reports a batch that will be sent again, or that was stored in part. */
  report(problem: MetricsProblem): void {
    if (problem.dropped > 0) this.count(problem.reason, problem.dropped);
    this.call('onError', problem);
  }

  private count(reason: ProblemReason, dropped: number): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + dropped;
  }

  /** Calls a listener. If it throws or rejects, that has no effect. */
  private call(listener: 'onDropped' | 'onError', problem: MetricsProblem): void {
    Promise.resolve(problem)
      .then(this.listeners[listener])
      .catch(() => undefined);
  }
}
