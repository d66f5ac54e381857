import { createHash } from 'node:crypto';
import { ADVISORY_LOCKS } from '../advisory-locks.js';

/** The default name of the schema for our tables in the database of a host. */
export const DEFAULT_SCHEMA = 'custom_metrics';

/**
 * Represents the schema of the database that holds our tables, views and functions.
 *
 * Every statement names its tables with the schema, as in `FROM ${schema}.metric`. A `search_path` would do the same with
 * shorter statements, but it belongs to a session. A host may share its connections with us, and a pooler may send the next
 * statement to another session, so a statement could read a table of the host that has the same name.
 */
export class DatabaseSchema {
  private readonly identifier: string;

  /** @param name the name as Postgres stores it, without quotes */
  constructor(readonly name: string) {
    this.identifier = `"${name.replaceAll('"', '""')}"`;
  }

  /** Returns the name as a quoted SQL identifier, so that it can be inserted into a statement. */
  toString(): string {
    return this.identifier;
  }

  /**
   * Returns the id of an advisory lock. Postgres knows such a lock only by a number for the whole database, so every schema has
   * its own numbers. Otherwise two apps with two schemas in one database would wait for each other.
   *
   * The schema `public` uses the numbers of {@link ADVISORY_LOCKS} unchanged, because processes of older versions do so.
   */
  lock(purpose: keyof typeof ADVISORY_LOCKS): string {
    const id = ADVISORY_LOCKS[purpose];
    if (this.name === 'public') return String(id);
    return createHash('sha256').update(`${id}/${this.name}`).digest().readBigInt64BE().toString();
  }
}
