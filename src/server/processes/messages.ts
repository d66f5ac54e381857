import type { Announcement } from '../welcome/announcement.js';

/** A process of the server that accepts requests, as the primary describes it to the others. */
export interface Sibling {
  /** The number of the process, counted from 1. A process that replaces one that has ended gets the same number. */
  readonly number: number;
  /** The port on 127.0.0.1 that the process has opened for the others. */
  readonly port: number;
}

/** Tells a process how to start. The primary sends this order when the process has reported that it listens for messages. */
export interface StartOrder {
  readonly kind: 'start';
  readonly number: number;
  /** The URL of the embedded Postgres that the primary has started; undefined if DATABASE_URL is set. */
  readonly embeddedUrl: string | undefined;
  /** The secret by which the processes of the server recognise each other's requests. */
  readonly secret: string;
}

/** A message from the primary to a process. */
export type Order =
  | StartOrder
  /** Lists the processes that accept requests, and names the one that answers scrapes. */
  | { readonly kind: 'siblings'; readonly siblings: readonly Sibling[]; readonly scraped: number }
  | { readonly kind: 'stop' };

/** Tells the primary that a process accepts requests. */
export interface ReadyReport {
  readonly kind: 'ready';
  /** The port on 127.0.0.1 that the process has opened for the others. */
  readonly port: number;
  /** The number of connections that Postgres allows for the service; undefined if this is not known. */
  readonly connections?: number | undefined;
  readonly announcement: Announcement;
}

/** A message from a process to the primary. */
export type Report =
  /** Says that the process listens for messages. Node.js loses messages that arrive earlier. */
  { readonly kind: 'listening' } | ReadyReport | { readonly kind: 'stopping' };
