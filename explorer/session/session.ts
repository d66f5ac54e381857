import { computed, effect, signal } from '@preact/signals';
import { isAdmitted, refusals, secret } from '../api/credentials.js';
import type { components } from '../api/openapi.js';
import { ApiProblem } from '../api/problem.js';
import { apiBase, request } from '../api/requests.js';
import { takeLinkSecret } from './sign-in-link.js';
import { Tabs, type TabMessage } from './tabs.js';

export { secret };

/** The facts about a session and the server. */
type SessionFacts = components['schemas']['SessionResponse'];

/**
 * The facts about the session. They stay after the session has ended, so that the page below the sign-in dialog does not change.
 */
export const session = signal<SessionFacts | null>(null);

/** The scopes of the session: `read`, and `admin` if the token had it. */
export const scopes = computed<readonly string[]>(() => session.value?.scopes ?? []);

/** Whether the session may use the routes of administrators. */
export const isAdmin = computed(() => scopes.value.includes('admin'));

/** Whether the page has been admitted since it was opened. Before that, there is nothing to show. */
export const wasAdmitted = signal(false);

/** Whether the page has to ask for a token. The value is false until the server has answered. */
export const needsToken = signal(false);

/** The reason why the page asks for a token; null if it is obvious. */
export const signInReason = signal<string | null>(null);

const SESSION = '/api/explorer/session';

const ENDED = 'Your session has ended. Sign in again: the page stays as it is.';

/** The pause before the page requests the session again if the server did not answer. */
const ASK_AGAIN_MS = 3000;

/**
 * The key in sessionStorage, which the browser clears when the tab is closed. The key contains the address of the API, because
 * several services may have the same origin.
 */
const STORED = `custom-metrics-session ${apiBase}`;

const tabs = new Tabs(STORED);

/**
 * Opens or resumes a session: that of a sign-in link, of this tab or of another tab. Without any, the page is admitted by the
 * guard of the host app, or asks for a token. From then on, it also reacts to the end of a session.
 */
export async function startSession(): Promise<void> {
  tabs.listen(hear);
  addEventListener('hashchange', () => void followLink());
  effect(() => {
    if (refusals.value > 0 && isAdmitted.peek()) endHere(ENDED);
  });
  if (await followLink()) return;
  const stored = sessionStorage.getItem(STORED);
  if (stored !== null && (await resume(stored))) return;
  const shared = stored === null ? await tabs.askForSecret() : null;
  if (shared !== null && (await resume(shared))) return;
  if (await resume(null)) return;
  needsToken.value = true;
}

/**
 * Exchanges a token for the secret of a session, without storing the token. It throws an `ApiProblem` if the server does not
 * accept the token or does not answer.
 */
export async function signIn(token: string): Promise<void> {
  const opened = await request<SessionFacts & { secret: string }>(SESSION, { method: 'POST', authorization: token });
  const { secret: own, ...facts } = opened;
  admit(own, facts);
  tabs.say({ type: 'secret', secret: own });
}

/** Ends the session on the server, here, and in all other tabs. */
export async function signOut(): Promise<void> {
  const own = secret.peek();
  endHere(null);
  tabs.say({ type: 'out' });
  if (own !== null) await request(SESSION, { method: 'DELETE', authorization: own }).catch(() => undefined);
}

/** Signs in with the link in the address, if there is one, and returns whether that worked. */
async function followLink(): Promise<boolean> {
  const linkSecret = takeLinkSecret();
  if (linkSecret === null) return false;
  try {
    await signIn(linkSecret);
    return true;
  } catch (error) {
    signInReason.value = error instanceof ApiProblem ? error.message : 'This link does not work.';
    return false;
  }
}

/**
 * Continues a session, and returns whether the page is admitted. With null, it checks whether the guard of the host app admits
 * the page without a session.
 */
async function resume(own: string | null): Promise<boolean> {
  try {
    const facts = await request<SessionFacts>(SESSION, own === null ? {} : { authorization: own });
    admit(own, facts);
    return true;
  } catch (error) {
    if (own === null || !(error instanceof ApiProblem && error.isTemporary)) {
      if (own !== null) sessionStorage.removeItem(STORED);
      return false;
    }
    // The server can't answer at the moment, which says nothing about the session, so the page keeps the session and tries again.
    admit(own, null);
    setTimeout(() => void resumeLater(own), ASK_AGAIN_MS);
    return true;
  }
}

async function resumeLater(own: string): Promise<void> {
  if (secret.peek() === own && session.peek() === null && !(await resume(own))) endHere(ENDED);
}

function admit(own: string | null, facts: SessionFacts | null): void {
  if (own !== null) sessionStorage.setItem(STORED, own);
  if (facts !== null) session.value = facts;
  secret.value = own;
  signInReason.value = null;
  needsToken.value = false;
  isAdmitted.value = true;
  wasAdmitted.value = true;
}

function endHere(reason: string | null): void {
  sessionStorage.removeItem(STORED);
  isAdmitted.value = false;
  secret.value = null;
  signInReason.value = reason;
  needsToken.value = true;
}

function hear(message: TabMessage): void {
  const own = secret.peek();
  if (message.type === 'ask' && own !== null) tabs.say({ type: 'secret', secret: own });
  if (message.type === 'secret' && needsToken.peek()) void resume(message.secret);
  if (message.type === 'out' && own !== null) endHere('You signed out in another tab.');
}
