import pg from 'pg';
import { withDeadline } from '../outage.js';
import { cutConnection, type PostgresClient } from './bounded-query-runner.js';
import { ignoreErrors } from './connection-pool.js';

/**
 * The method of node-postgres that returns the parameters with which a session starts. The types of node-postgres do not declare
 * it.
 */
interface StartedSession {
  getStartupConf(): Record<string, string>;
}

const Client = pg.Client as unknown as new (
  ...given: ConstructorParameters<typeof pg.Client>
) => pg.Client & StartedSession;

/**
 * Settings that the database or the role may have changed (`ALTER DATABASE … SET`), with the values that our statements need.
 * Poolers accept these as startup parameters, and keep them for each client.
 */
const STARTUP_SETTINGS = {
  // node-postgres can't read times in another style, such as `German`.
  DateStyle: 'ISO',
  // A day has 23 hours where a clock is put forward, so an interval of a day would be too short.
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
};

/** Further settings of this kind, which PgBouncer refuses at the start of a session. */
const LATER_SETTINGS = {
  // With `off`, NULL in an array would be the text "NULL".
  array_nulls: 'on',
  // With a lower number, floating-point numbers would be rounded.
  extra_float_digits: '1',
  // On a stricter level, a transaction does not see what was committed while it waited for a lock.
  default_transaction_isolation: 'read committed',
};

/** Nothing is set where the value is right, because a pooler may give the session to another client. */
const SET_LATER = `SELECT set_config(name, wanted, false) FROM (VALUES ${Object.entries(LATER_SETTINGS)
  .map(([name, wanted]) => `('${name}', '${wanted}')`)
  .join(', ')}) AS setting (name, wanted) WHERE current_setting(name) <> wanted`;

/** A client whose sessions have the settings that our statements need, once {@link prepareSession} has run. */
export class OwnClient extends Client {
  override getStartupConf(): Record<string, string> {
    return { ...super.getStartupConf(), ...STARTUP_SETTINGS };
  }
}

/**
 * Completes the settings of a new session, before anybody uses it.
 *
 * @param deadlineMs maximum time for this; the connection of a host that has gone silent would otherwise keep its place in the pool
 */
export async function prepareSession(
  client: PostgresClient & { query(text: string): Promise<unknown> },
  deadlineMs: number,
): Promise<void> {
  ignoreErrors(client);
  try {
    await withDeadline(client.query(SET_LATER), deadlineMs);
  } catch (error) {
    cutConnection(client);
    throw error;
  }
}
