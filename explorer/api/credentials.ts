import { signal } from '@preact/signals';

/** The secret of the session, which every request sends. Null while nobody is signed in. */
export const secret = signal<string | null>(null);

/** Counts answers of 401: the session has ended, or there is none. The session asks for a new token then. */
export const refusals = signal(0);
