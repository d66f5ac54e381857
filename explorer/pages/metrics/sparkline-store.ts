import { signal, type Signal } from '@preact/signals';
import { request } from '../../api/requests.js';
import type { Sparkline, Sparklines } from '../../api/types.js';
import type { Range } from '../../router/view.js';

/** Maximum number of metrics in one request. */
const AT_ONCE = 24;

/** Rows that become visible within this time share a request. */
const GATHER_MS = 40;

/** Loads the sparklines of metrics that become visible, several in one request. A change of the range needs a new store. */
export class SparklineStore {
  readonly #known = new Map<string, Signal<Sparkline | null>>();
  readonly #askedAt = new Map<string, number>();
  readonly #wanted = new Set<string>();
  readonly #aborting = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly range: Range,
    readonly points: number,
  ) {}

  /** Returns the sparkline of a metric as a signal, whose value is null until the sparkline arrives. */
  of(metric: string): Signal<Sparkline | null> {
    const known = this.#known.get(metric);
    if (known !== undefined) return known;
    const created = signal<Sparkline | null>(null);
    this.#known.set(metric, created);
    return created;
  }

  /** Requests the sparkline of a metric, unless it was already requested for this push or a later one. */
  want(metric: string, pushedAt: number): void {
    if ((this.#askedAt.get(metric) ?? -1) >= pushedAt) return;
    this.#askedAt.set(metric, pushedAt);
    this.#wanted.add(metric);
    this.#timer ??= setTimeout(() => this.#ask(), GATHER_MS);
  }

  /** Cancels all requests, including those that have not been sent yet. */
  close(): void {
    clearTimeout(this.#timer);
    this.#aborting.abort();
  }

  #ask(): void {
    this.#timer = undefined;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (let at = 0; at < wanted.length; at += AT_ONCE) void this.#askFor(wanted.slice(at, at + AT_ONCE));
  }

  async #askFor(metrics: string[]): Promise<void> {
    try {
      const { sparklines } = await request<Sparklines>('/api/history/sparklines', {
        method: 'POST',
        json: { metrics, ...this.range, points: this.points },
        signal: this.#aborting.signal,
      });
      for (const sparkline of sparklines) this.of(sparkline.metric).value = sparkline;
    } catch {
      // The sparkline is requested again the next time its row becomes visible or its metric is pushed.
      for (const metric of metrics) this.#askedAt.delete(metric);
    }
  }
}
