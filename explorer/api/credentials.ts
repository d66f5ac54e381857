import { signal } from '@preact/signals';

/**
 * The secret of the session, which is sent with every request. It is null while nobody is signed in, and if the guard of the host
 * app admits the page without a session.
 */
export const secret = signal<string | null>(null);

/**
 * Whether the server is expected to accept requests, because somebody is signed in or the guard of the host app admits the page.
 */
export const isAdmitted = signal(false);

/**
 * Counts the answers with status 401 to requests of the current session. Each means that the session has ended, so the page asks
 * for a token.
 */
export const refusals = signal(0);
