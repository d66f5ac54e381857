import { signal } from '@preact/signals';

/**
 * The secret of the session, which every request sends. It is null while nobody is signed in, or if the guard of an app admits
 * the page.
 */
export const secret = signal<string | null>(null);

/** Whether the server would accept requests, because somebody is signed in or the guard of an app admits the page. */
export const isAdmitted = signal(false);

/** Counts the answers with status 401. Each means that there is no session any more, so the page asks for a token. */
export const refusals = signal(0);
