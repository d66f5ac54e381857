import { signal } from '@preact/signals';

/** The secret of the session, which every request sends. Null while nobody is signed in, or if the guard of an app admits the page. */
export const secret = signal<string | null>(null);

/** Whether requests are worth sending: somebody is signed in, or the guard of an app admits the page. */
export const isAdmitted = signal(false);

/** Counts answers of 401: the session has ended, or there is none. The session asks for a new token then. */
export const refusals = signal(0);
