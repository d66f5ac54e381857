import type { DataSource, QueryRunner } from 'typeorm';
import { AbandonedSessions } from './abandoned-sessions.js';
import { boundQueryRunner, ConnectionGivenUpError, type ConnectionWatcher } from './bounded-query-runner.js';
import { poolOf } from './connection-pool.js';
import { SilentConnections } from './silent-connections.js';
import { TakenConnections } from './taken-connections.js';

/**
 * The client waits this much longer than the limit at which Postgres itself cancels a statement, so that it receives the error
 * from Postgres.
 */
export const STATEMENT_GRACE_MS = 500;

const silentConnectionsOf = new WeakMap<DataSource, SilentConnections>();
const takenConnectionsOf = new WeakMap<DataSource, TakenConnections>();
const waitsOf = new WeakMap<DataSource, number>();

/**
 * Marks all connections of a bounded DataSource as suspect: those that do not answer after this call are closed instead of
 * being used again. A statement that reaches its deadline has the same effect, so only a caller that stops waiting earlier
 * needs this function.
 */
export function distrustConnections(bounded: DataSource): void {
  silentConnectionsOf.get(bounded)?.noteSilence();
}

/**
 * Fails all statements of a bounded DataSource that wait for an answer, and closes their connections. Further statements fail
 * immediately. A shutdown calls this function, because it must not wait for a silent host.
 */
export function giveUpConnections(bounded: DataSource): void {
  takenConnectionsOf.get(bounded)?.giveUp(new ConnectionGivenUpError());
}

/**
 * Returns how many milliseconds a request may wait for Postgres on a bounded DataSource; undefined if the DataSource is not
 * bounded.
 */
export function requestWaitOf(dataSource: DataSource): number | undefined {
  return waitsOf.get(dataSource);
}

/**
 * Wraps a DataSource so that every statement has a deadline, and only idle connections return to the pool. All statements of
 * the module use such a wrapper; those of a host that shares the DataSource are not affected.
 *
 * @param waitMs how long a request may wait for Postgres, which is also the time limit of a statement in Postgres, unless a
 * transaction sets another one; the client waits {@link STATEMENT_GRACE_MS} longer for a statement
 */
export function boundDataSource(dataSource: DataSource, waitMs: number): DataSource {
  const bounded = Object.create(dataSource) as DataSource;
  waitsOf.set(bounded, waitMs);
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
    return boundQueryRunner(dataSource.createQueryRunner(mode), waitMs + STATEMENT_GRACE_MS, watcher);
  };
  return Object.defineProperties(bounded, {
    createQueryRunner: { value: createQueryRunner },
    manager: { value: dataSource.createEntityManager.call(bounded) },
    // These methods modify the DataSource that they are called on, which must be the original one, because Nest closes that one.
    initialize: { value: () => dataSource.initialize() },
    destroy: { value: () => dataSource.destroy() },
  });
}

/** The result of {@link boundDataSource}. */
export type BoundedDataSource = DataSource;
