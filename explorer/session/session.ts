import { signal } from '@preact/signals';
import { secret } from '../api/credentials.js';
import { request } from '../api/requests.js';

export { secret };

/** What the session may do: `read`, and `admin` if the token had it. */
export const scopes = signal<readonly string[]>([]);

/** The place in sessionStorage. All tabs closed means signed out. */
const STORED = 'custom-metrics-session';

/** What the server answers to a token. */
interface Session {
  secret?: string;
  scopes: string[];
}

/** Continues the session of this tab, if there is one. */
export async function restore(): Promise<void> {
  const stored = sessionStorage.getItem(STORED);
  if (stored === null) return;
  secret.value = stored;
  const session = await request<Session>('/api/explorer/session');
  scopes.value = session.scopes;
}

/** Exchanges a token for the secret of a session. The token is kept nowhere. */
export async function signIn(token: string): Promise<void> {
  const session = await request<Session>('/api/explorer/session', { method: 'POST', authorization: token });
  if (session.secret === undefined) return;
  sessionStorage.setItem(STORED, session.secret);
  scopes.value = session.scopes;
  secret.value = session.secret;
}

/** Ends the session on the server and here. */
export async function signOut(): Promise<void> {
  await request('/api/explorer/session', { method: 'DELETE' }).catch(() => undefined);
  sessionStorage.removeItem(STORED);
  scopes.value = [];
  secret.value = null;
}
