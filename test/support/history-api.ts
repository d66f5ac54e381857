import { ADMIN_TOKEN, getJson, type Item, push, type TestServer } from './server.js';

export const MINUTE = 60_000;

/** A whole minute half an hour ago, so that it lies in the default range whenever the test runs. */
export const BASE = Math.floor(Date.now() / MINUTE) * MINUTE - 30 * MINUTE;

/** Maximum number of pages, so that a cursor that leads back to an earlier page fails a test instead of running forever. */
const MAX_PAGES = 1_000;

export interface Line {
  labels: Record<string, string>;
  points: { at: string; value: number | null }[];
}

export interface SamplesPage {
  samples: { labels: Record<string, string>; at: string; value: number }[];
  nextCursor: string | null;
  truncated: boolean;
  truncatedBecause?: string;
}

export interface RowsPage {
  metrics: { name: string; value: number; labels?: Record<string, string>; timestamp: string }[];
  count: number;
  metricNames: string[];
  nextCursor?: string;
}

export interface ErrorBody {
  name: string;
  message: string;
  details: { path: string; message: string }[];
}

/** Returns an item whose timestamp is the given number of seconds after {@link BASE}. */
export function at(
  seconds: number,
  name: string,
  value: number,
  labels: Record<string, string> = {},
  more: Item = {},
): Item {
  return { name, value, labels, timestamp: BASE + seconds * 1_000, ...more };
}

export function iso(seconds: number): string {
  return new Date(BASE + seconds * 1_000).toISOString();
}

/** Four minutes in one-minute buckets. */
export const FOUR_MINUTES = `from=${BASE}&to=${BASE + 4 * MINUTE}&step=1m`;

export function valuesOf(line: Line | undefined): (number | null)[] | undefined {
  return line?.points.map(({ value }) => value);
}

/** Pushes items and reads the history of one server. */
export class HistoryApi {
  constructor(private readonly server: Pick<TestServer, 'url'>) {}

  async pushAll(items: readonly Item[]): Promise<void> {
    const response = await push(this.server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.server.url + path, { headers: { Authorization: ADMIN_TOKEN, ...headers } });
  }

  async refusalOf(path: string): Promise<ErrorBody & { status: number }> {
    const response = await this.get(path);
    return { status: response.status, ...((await response.json()) as ErrorBody) };
  }

  /** Reads every page by following the cursors; `key` names the property that holds the rows. */
  async pages<T>(path: string, key: string): Promise<T[][]> {
    const all: T[][] = [];
    let cursor: string | null | undefined = '';
    while (all.length < MAX_PAGES) {
      const page: Record<string, unknown> = await getJson(this.server, path + (cursor ? `&cursor=${cursor}` : ''));
      all.push(page[key] as T[]);
      cursor = page.nextCursor as string | null | undefined;
      if (!cursor) return all;
    }
    throw new Error(`${path} has more than ${MAX_PAGES} pages.`);
  }

  async lines(query: string): Promise<Line[]> {
    return (await getJson<{ series: Line[] }>(this.server, `/api/history/query?${query}`)).series;
  }

  /** Returns the values of the first line of a metric. */
  async ask(metric: string, aggregate: string, range = FOUR_MINUTES): Promise<(number | null)[] | undefined> {
    return valuesOf((await this.lines(`metric=${metric}&${range}&aggregate=${aggregate}`))[0]);
  }
}
