import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findInstalledBinaries } from '../../src/server/embedded-postgres/runtime/binaries.js';
import { childEnvironment } from '../../src/server/embedded-postgres/runtime/child-environment.js';
import { ensureCluster } from '../../src/server/embedded-postgres/cluster.js';
import { type DataFolder, openDataFolder } from '../../src/server/embedded-postgres/data-folder.js';
import { giveTo, launchWays } from '../../src/server/embedded-postgres/runtime/privileges.js';
import { listServerProcessesIn } from '../../src/server/embedded-postgres/process/process-identity.js';
import { type CommandResult, runCommand } from '../../src/server/embedded-postgres/runtime/run-command.js';
import { findRuntime, type Runtime } from '../../src/server/embedded-postgres/runtime/runtime.js';
import {
  hasExited,
  type ServerProcess,
  spawnServer,
  stopServer,
} from '../../src/server/embedded-postgres/process/server-process.js';
import { eventually } from './eventually.js';
import { steadyPort } from './steady-port.js';

const PASSWORD = 'cluster-of-a-test';
const START_TIMEOUT_MS = 120_000;

/** Files that a base backup leaves out or treats specially; see "Backing Up the Data Directory" in Postgres' manual. */
const NOT_COPIED = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

/** The programs of a Postgres installation that the npm packages lack. */
type ClientProgram = 'pg_dump' | 'pg_restore' | 'pg_basebackup';

/**
 * Returns the folder of an installed Postgres with server and clients of the same version, or undefined if this machine has none.
 */
export function findInstallation(): string | undefined {
  return findInstalledBinaries()
    .map(({ postgres }) => path.dirname(postgres))
    .find((folder) =>
      ['pg_dump', 'pg_restore', 'pg_basebackup'].every((program) => existsSync(path.join(folder, program))),
    );
}

/** Runs a Postgres server that a test can start, stop, kill, copy and turn into a standby. */
export class PostgresCluster {
  private server: ServerProcess | undefined;

  private constructor(
    private readonly folder: DataFolder,
    private readonly runtime: Runtime,
    readonly port: number,
  ) {}

  /**
   * Creates a new cluster without starting it.
   *
   * @param installation the folder of the binaries; the default is that of the npm package
   */
  static async create(dataDir: string, installation?: string): Promise<PostgresCluster> {
    const folder = await openDataFolder(dataDir);
    const runtime = installation === undefined ? await packaged(folder) : await installed(folder, installation);
    await ensureCluster(folder, runtime, { password: PASSWORD, isEphemeral: true, log: () => undefined });
    return new PostgresCluster(folder, runtime, await steadyPort());
  }

  url(database = 'postgres'): string {
    return `postgres://postgres:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  /**
   * Returns the result of {@link url} without the password, for arguments of {@link run}, because every user of the machine can
   * read those.
   */
  address(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /**
   * Starts the server.
   *
   * @param check is repeated until it succeeds; by default, until the server answers a query
   */
  async start(check: () => Promise<unknown> = () => this.query('SELECT 1')): Promise<void> {
    this.server = await spawnServer(this.folder, this.runtime, { port: this.port, isEphemeral: true });
    const giveUpAt = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        const isOver = hasExited(this.server.child) || Date.now() > giveUpAt;
        if (isOver) throw new Error(`Postgres did not start:\n${await this.server.readLog()}`, { cause: error });
        await sleep(50);
      }
    }
  }

  async stop(): Promise<void> {
    if (this.server === undefined) return;
    await stopServer(this.server.identity, this.folder.cluster);
    this.server = undefined;
  }

  /** Ends all processes of the server at once, as the loss of the machine would. */
  async kill(): Promise<void> {
    if (this.server === undefined) return;
    const { child, identity } = this.server;
    for (const pid of new Set([identity.pid, ...listServerProcessesIn(this.folder.cluster)])) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // If the process has already ended, nothing is left to do.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    if (!hasExited(child)) await once(child, 'exit');
    this.server = undefined;
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = [], database?: string): Promise<Row[]> {
    return this.session(async (client) => (await client.query<Row>(sql, values)).rows, database);
  }

  /** Runs a task on a new connection. Transactions that are still open end with the connection. */
  async session<T>(use: (client: pg.Client) => Promise<T>, database?: string): Promise<T> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  /** Runs a client program of the same installation, as the account of the server. */
  async run(program: ClientProgram, args: string[]): Promise<CommandResult> {
    const file = path.join(path.dirname(this.runtime.postgres), program);
    const environment = { ...this.runtime.environment, PGPASSWORD: PASSWORD };
    const result = await runCommand(this.runtime.way.wrap(file, args), { environment });
    if (!result.isSuccess) throw new Error(`${program}: ${result.output}`);
    return result;
  }

  /** Makes a base backup while the server runs, with the WAL that completes it. The copy is not started. */
  async baseBackup(dataDir: string): Promise<PostgresCluster> {
    const copy = await openDataFolder(dataDir);
    await this.session(async (client) => {
      await client.query(`SELECT pg_backup_start('test', fast => true)`);
      await this.copyInto(copy, '');
      const { rows } = await client.query<{ labelfile: string }>('SELECT * FROM pg_backup_stop(false)');
      await this.write(copy, 'backup_label', rows[0]!.labelfile);
      await client.query('SELECT pg_switch_wal()');
    });
    await this.copyInto(copy, 'pg_wal');
    for (const folder of NOT_COPIED) {
      if (!folder.startsWith('postmaster')) await this.makeFolder(copy, folder);
    }
    return new PostgresCluster(copy, this.runtime, await steadyPort());
  }

  /** Returns a cluster for a data folder that `pg_basebackup` has written. */
  async adopt(dataDir: string): Promise<PostgresCluster> {
    return new PostgresCluster(await openDataFolder(dataDir), this.runtime, await steadyPort());
  }

  /** Turns this cluster, a base backup of the primary, into a streaming standby of the primary. */
  async follow(primary: PostgresCluster, settings: Record<string, string> = {}): Promise<void> {
    await this.write(this.folder, 'standby.signal', '');
    const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${PASSWORD}`;
    const lines = Object.entries({ ...settings, primary_conninfo: conninfo }).map(
      ([name, value]) => `${name} = '${value}'\n`,
    );
    await appendFile(path.join(this.folder.cluster, 'postgresql.auto.conf'), lines.join(''));
  }

  /** Waits until this standby shows everything that its primary had committed at the time of the call. */
  async catchUpWith(primary: PostgresCluster): Promise<void> {
    const [now] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    await eventually(async () => {
      const [replayed] = await this.query<{ is: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS is', [
        now!.lsn,
      ]);
      if (!replayed!.is) throw new Error('The standby did not catch up.');
    });
  }

  /**
   * Copies everything below one folder of the cluster. Files that disappear in the meantime can be ignored, because the WAL makes
   * up for them.
   */
  private async copyInto(copy: DataFolder, inside: string): Promise<void> {
    await this.makeFolder(copy, inside);
    for (const entry of await readdir(path.join(this.folder.cluster, inside), { withFileTypes: true })) {
      const name = path.join(inside, entry.name);
      if (NOT_COPIED.has(name)) continue;
      if (entry.isDirectory()) await this.copyInto(copy, name);
      else {
        const target = path.join(copy.cluster, name);
        try {
          await copyFile(path.join(this.folder.cluster, name), target);
          await giveTo(copy.account, target);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
      }
    }
  }

  private async makeFolder(copy: DataFolder, inside: string): Promise<void> {
    const target = path.join(copy.cluster, inside);
    await mkdir(target, { recursive: true, mode: 0o700 });
    await giveTo(copy.account, target);
  }

  private async write(folder: DataFolder, name: string, text: string): Promise<void> {
    const file = path.join(folder.cluster, name);
    await writeFile(file, text, { mode: 0o600 });
    await giveTo(folder.account, file);
  }
}

function packaged(folder: DataFolder): Promise<Runtime> {
  return findRuntime({
    account: folder.account,
    dataDir: folder.path,
    libraryFolder: folder.libraries,
    clusterMajor: undefined,
    log: () => undefined,
  });
}

async function installed(folder: DataFolder, installation: string): Promise<Runtime> {
  const postgres = path.join(installation, 'postgres');
  const environment = childEnvironment();
  for (const way of launchWays(folder.account)) {
    // The probe also enters the data folder, because not every way allows that.
    const probe = way.wrap('/bin/sh', ['-c', 'cd "$1" && exec "$2" --version', 'sh', folder.path, postgres]);
    const { isSuccess, stdout } = await runCommand(probe, { environment });
    const version = /\(PostgreSQL\) (\d+[\w.]*)/.exec(stdout)?.[1];
    if (!isSuccess || version === undefined) continue;
    const initdb = path.join(installation, 'initdb');
    return { initdb, postgres, version, major: Number.parseInt(version, 10), way, environment };
  }
  throw new Error(`${postgres} does not run here.`);
}
