import { ADMIN_TOKEN, type Item, push, startServer, type TestServer } from './server.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** The current time, rounded down to a whole minute, so that grids and steps are at known times. */
export const NOW = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

const ago = (minutes: number) => NOW - minutes * MINUTE_MS;

/**
 * Most series are pushed every twenty minutes for an hour. With the lookback of Prometheus, five minutes, such a series would
 * have gaps most of the time.
 */
const PUSHED: readonly Item[] = [
  ...[65, 45, 25, 5].flatMap((minutes): Item[] => [
    {
      name: 'orders_total',
      value: 10,
      labels: { app: 'shop', status: 'paid' },
      timestamp: ago(minutes),
      help: 'Orders',
    },
    { name: 'orders_total', value: 1, labels: { app: 'shop2', status: 'open' }, timestamp: ago(minutes) },
    {
      name: 'queue_length',
      value: minutes,
      labels: { app: 'shop' },
      timestamp: ago(minutes),
      help: 'Waiting',
      unit: 'items',
    },
  ]),
  { name: 'old_gauge', value: 7, labels: { app: 'gone' }, timestamp: NOW - 30 * HOUR_MS },
  { name: 'running_total', value: 100, labels: { app: 'c' }, temporality: 'cumulative', timestamp: ago(30) },
  { name: 'running_total', value: 160, labels: { app: 'c' }, temporality: 'cumulative', timestamp: ago(10) },
];

export interface Answer<T> {
  readonly status: 'success' | 'error';
  readonly data: T;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
}

export interface QueryResult {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
    readonly values: readonly (readonly [number, string])[];
  }[];
}

type Parameters = Record<string, string> | [string, string][];

interface Answered<T> {
  readonly status: number;
  readonly body: Answer<T>;
  readonly text: string;
  readonly headers: Headers;
}

/** Runs a server with some pushed metrics, and queries it through the HTTP API of Prometheus. */
export class PushedHistory {
  private constructor(
    readonly database: TestDatabase,
    readonly server: TestServer,
  ) {}

  static async start(): Promise<PushedHistory> {
    const database = await createTestDatabase();
    const server = await startServer({
      DATABASE_URL: database.url,
      PROMQL_TIMEOUT: '20s',
      PROMQL_MAX_SAMPLES: '900000000',
    });
    const response = await push(server, PUSHED);
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 202, text: '' });
    return new PushedHistory(database, server);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.database.drop();
  }

  async ask<T>(path: string, parameters: Parameters = {}, init: RequestInit = {}): Promise<Answered<T>> {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${this.server.url}/api/v1/${path}${query === '' ? '' : `?${query}`}`, {
      ...init,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers },
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text) as Answer<T>, text, headers: response.headers };
  }

  /** Sends a request like {@link ask}, with the parameters in the body of a POST. */
  askForm<T>(path: string, parameters: Parameters): Promise<Answered<T>> {
    return this.ask<T>(path, {}, { method: 'POST', body: new URLSearchParams(parameters) });
  }

  /** Returns the values of an instant query by the label `app`. */
  async valuesOf(query: string, at = NOW, rest: Record<string, string> = {}): Promise<Record<string, number>> {
    const { status, body } = await this.ask<QueryResult>('query', { query, time: seconds(at), ...rest });
    expect({ query, status, error: body.error }).toEqual({ query, status: 200, error: undefined });
    return Object.fromEntries(body.data.result.map(({ metric, value }) => [metric.app ?? '', Number(value[1])]));
  }
}

/** Formats a time for a parameter. */
export function seconds(at: number): string {
  return String(at / 1_000);
}
