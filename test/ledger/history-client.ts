import { ADMIN_TOKEN } from '../support/server.js';
import { send } from './http-client.js';
import { type Labels, seriesName } from './series-name.js';

const TIMEOUT_MS = 20_000;
const MINUTE_MS = 60_000;

interface QueryAnswer {
  series: { labels: Labels; points: { at: string; value: number | null }[] }[];
}

interface SamplesAnswer {
  samples: { labels: Labels; value: number }[];
  nextCursor: string | null;
}

/** The error for an answer with a status other than 200. */
export class HistoryRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Reads the history of one process, from before the first sample until after the last. */
export class HistoryClient {
  private readonly from: number;

  constructor(startedAt: number) {
    // Samples may be up to ten minutes late.
    this.from = startedAt - 20 * MINUTE_MS;
  }

  /** Returns the last value of each series of a metric (for a delta counter, the sum of its samples), or its number of samples. */
  async query(
    url: string,
    metric: string,
    aggregate: 'last' | 'count',
    timeoutMs?: number,
  ): Promise<Map<string, number>> {
    const { series } = await this.get<QueryAnswer>(
      url,
      `/api/history/query?metric=${metric}&aggregate=${aggregate}&groupBy=*&step=1d&${this.range}`,
      timeoutMs,
    );
    const found = new Map<string, number>();
    for (const { labels, points } of series) {
      const values = points.map(({ value }) => value);
      const value = aggregate === 'last' ? values.at(-1) : values.reduce<number>((sum, each) => sum + (each ?? 0), 0);
      // A series may have been created for a request that was never committed. It has no sample, and no exposition shows it.
      if (value == null || (aggregate === 'count' && value === 0)) continue;
      found.set(seriesName(metric, labels), value);
    }
    return found;
  }

  /** Returns the values of all samples of a metric, from all pages. */
  async values(url: string, metric: string): Promise<number[]> {
    const values: number[] = [];
    const { range } = this;
    for (let cursor = ''; ;) {
      const page = await this.get<SamplesAnswer>(
        url,
        `/api/history/samples?metric=${metric}&limit=10000&${range}${cursor}`,
      );
      values.push(...page.samples.map(({ value }) => value));
      if (page.nextCursor === null) return values;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  private get range(): string {
    return `from=${this.from}&to=${Date.now() + MINUTE_MS}`;
  }

  private async get<T>(url: string, path: string, timeoutMs = TIMEOUT_MS): Promise<T> {
    const answer = await send(url + path, { headers: { Authorization: ADMIN_TOKEN }, timeoutMs }).catch(
      (error: unknown) => {
        throw new Error(`${path}: ${String(error)} within ${timeoutMs} ms`, { cause: error });
      },
    );
    if (answer.status !== 200) {
      throw new HistoryRefusal(answer.status, `${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
    }
    return JSON.parse(answer.body) as T;
  }
}
