import type { Announcement } from '../announcement.js';

/** A process of this server that is ready, as the others know it. */
export interface Sibling {
  /** Its number, from 1 on. A process that replaces another one has the same number. */
  readonly number: number;
  /** Its port on 127.0.0.1 for the other processes. */
  readonly port: number;
}

/** The answer to a process that listens. */
export interface StartOrder {
  readonly kind: 'start';
  readonly number: number;
  /** The URL of the embedded Postgres, which the primary has started; undefined if DATABASE_URL is set. */
  readonly embeddedUrl: string | undefined;
  /** The secret by which the processes of this server know each other's requests. */
  readonly secret: string;
}

/** A message from the primary to a process. */
export type Order =
  | StartOrder
  /** The processes that are ready, and the number of the one that answers scrapes. */
  | { readonly kind: 'siblings'; readonly siblings: readonly Sibling[]; readonly scraped: number }
  | { readonly kind: 'stop' };

/** The message of a process that accepts requests. */
export interface ReadyReport {
  readonly kind: 'ready';
  /** Its port for the other processes. */
  readonly port: number;
  /** The number of connections that Postgres has for the service; undefined if it could not be found out. */
  readonly connections?: number | undefined;
  readonly announcement: Announcement;
}

/** A message from a process to the primary. */
export type Report =
  /** The process listens. Node.js loses messages that arrive before. */
  { readonly kind: 'listening' } | ReadyReport | { readonly kind: 'stopping' };
