import type { TestServer } from './server.js';

/** A session as `POST /api/explorer/session` returns it. */
export interface OpenedSession {
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string;
  readonly tokenName: string;
  readonly signedInBy: string;
  readonly serverTime: string;
  readonly version: string;
  readonly retentionDays: number;
  readonly routes: readonly string[];
}

type Server = Pick<TestServer, 'url'>;

/** Sends a request to the endpoint of sessions, with a secret. */
export function askSession(
  { url }: Server,
  method: 'POST' | 'GET' | 'DELETE',
  secret: string | undefined,
): Promise<Response> {
  const headers = secret === undefined ? undefined : { Authorization: secret };
  return fetch(`${url}/api/explorer/session`, { method, headers });
}

/** Signs in with a token or with a one-time secret. */
export async function signIn(server: Server, secret: string): Promise<OpenedSession> {
  const response = await askSession(server, 'POST', secret);
  if (response.status !== 201) throw new Error(`session: ${response.status} ${await response.text()}`);
  return (await response.json()) as OpenedSession;
}

/** Returns the status of a request that needs the scope read. */
export async function readingStatus({ url }: Server, secret: string): Promise<number> {
  return (await fetch(`${url}/api/history/metrics`, { headers: { Authorization: secret } })).status;
}

/** Returns the status of a request that needs the scope admin. */
export async function administeringStatus({ url }: Server, secret: string): Promise<number> {
  return (await fetch(`${url}/api/admin/tokens`, { headers: { Authorization: secret } })).status;
}
