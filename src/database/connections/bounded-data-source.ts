import type { DataSource, QueryRunner } from 'typeorm';
import { AbandonedSessions } from './abandoned-sessions.js';
import { boundQueryRunner, ConnectionGivenUpError, type ConnectionWatcher } from './bounded-query-runner.js';
import { poolOf } from './connection-pool.js';
import { SilentConnections } from './silent-connections.js';
import { TakenConnections } from './taken-connections.js';

/** Postgres itself cancels a statement after its limit; its word for that is worth waiting a little longer. */
export const STATEMENT_GRACE_MS = 500;

const silentConnectionsOf = new WeakMap<DataSource, SilentConnections>();
const takenConnectionsOf = new WeakMap<DataSource, TakenConnections>();

/**
 * Keeps connections of a bounded DataSource out of use that are not heard of after now. For whoever waits for an answer less long
 * than the deadline of its statement, after which this happens by itself.
 */
export function distrustConnections(bounded: DataSource): void {
  silentConnectionsOf.get(bounded)?.noteSilence();
}

/**
 * Ends everything that waits for an answer through a bounded DataSource, and closes the connections it waits on. Further
 * statements through it fail at once. For a stop, which must not wait for a host that has gone silent.
 */
export function giveUpConnections(bounded: DataSource): void {
  takenConnectionsOf.get(bounded)?.giveUp(new ConnectionGivenUpError());
}

/**
 * Makes a view of a DataSource whose every statement has a deadline, and which returns only idle connections to the pool. All
 * statements of the module go through one; those of a host that shares the DataSource are not affected.
 *
 * @param statementTimeoutMs how long Postgres may take for a statement, unless a transaction says otherwise
 */
export function boundDataSource(dataSource: DataSource, statementTimeoutMs: number): DataSource {
  const bounded = Object.create(dataSource) as DataSource;
  const silent = new SilentConnections(() => poolOf(dataSource));
  silentConnectionsOf.set(bounded, silent);
  const taken = new TakenConnections(() => poolOf(dataSource));
  takenConnectionsOf.set(bounded, taken);
  const abandoned = new AbandonedSessions(() => bounded);
  const watcher: ConnectionWatcher = {
    onIdle: (client) => silent.noteAnswer(client),
    onGivenUp: ({ processID }, isSilent) => {
      if (isSilent) silent.noteSilence();
      if (typeof processID === 'number' && !taken.areGivenUp) abandoned.end(processID);
    },
    onTake: (giveUp) => taken.add(giveUp),
  };
  const createQueryRunner = (mode?: 'master' | 'slave'): QueryRunner => {
    silent.watch();
    return boundQueryRunner(dataSource.createQueryRunner(mode), statementTimeoutMs + STATEMENT_GRACE_MS, watcher);
  };
  return Object.defineProperties(bounded, {
    createQueryRunner: { value: createQueryRunner },
    manager: { value: dataSource.createEntityManager.call(bounded) },
    // These write to the DataSource that they are called on, which has to be the one that Nest closes.
    initialize: { value: () => dataSource.initialize() },
    destroy: { value: () => dataSource.destroy() },
  });
}

/** What {@link boundDataSource} makes, for those who only hand it on. */
export type BoundedDataSource = DataSource;
