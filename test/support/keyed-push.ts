import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import { INGEST_TOKEN, type Item, type TestServer } from './server.js';

/**
 * The ways in which the server can handle a push. The short path leaves requests with a query string or a compressed body to
 * Express.
 */
export const WAYS = ['short', 'express', 'gzip'] as const;
type Way = (typeof WAYS)[number];

interface Push {
  readonly key?: string;
  readonly way?: Way;
  readonly token?: string;
  readonly prefer?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isReplay: boolean;
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
export const TAKEN: Answer = { status: 202, text: '', isReplay: false };
export const REPLAYED: Answer = { status: 202, text: '', isReplay: true };

/** Sends a body unchanged by one of the ways, with an `Idempotency-Key` if one is given. */
export async function send(server: TestServer, body: string, { key, way = 'short', token, prefer }: Push = {}) {
  const headers: Record<string, string> = {
    Authorization: token ?? INGEST_TOKEN,
    'Content-Type': 'application/json',
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    ...(prefer === undefined ? {} : { Prefer: prefer }),
    ...(way === 'gzip' ? { 'Content-Encoding': 'gzip' } : {}),
  };
  const response = await fetch(`${server.url}/api/client/metrics/custom${way === 'express' ? '?way=express' : ''}`, {
    method: 'POST',
    headers,
    body: way === 'gzip' ? gzipSync(body) : body,
  });
  const text = (await response.text()).replaceAll(ID, '<id>');
  return { status: response.status, text, isReplay: response.headers.get('idempotency-replayed') === 'true' };
}

export const bodyOf = (...metrics: Item[]) => JSON.stringify({ metrics });
export const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);
/** Returns the answers to requests that were stored and not replayed. */
export const newOnes = (answers: readonly Answer[]) =>
  answers.filter(({ status, isReplay }) => status === 202 && !isReplay);

/** Reads the stored values of a metric, in ascending order. */
export async function storedValues(client: pg.Client, metric: string): Promise<number[]> {
  const { rows } = await client.query<{ value: number }>(
    'SELECT value FROM metric_sample WHERE metric = $1 ORDER BY value',
    [metric],
  );
  return rows.map(({ value }) => value);
}
