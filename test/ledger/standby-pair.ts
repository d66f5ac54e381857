import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startSwitchedProxy, type SwitchedProxy } from '../support/switched-proxy.js';

/** Runs a primary with an asynchronous streaming standby, behind one address that always leads to the current primary. */
export class StandbyPair {
  private standby: PostgresCluster | undefined;
  private count = 0;

  private constructor(
    readonly folder: string,
    private primary: PostgresCluster,
    private readonly proxy: SwitchedProxy,
  ) {}

  /** Starts the primary. {@link addStandby} adds its standby. */
  static async start(): Promise<StandbyPair> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-ledger-'));
    const primary = await PostgresCluster.create(path.join(folder, 'postgres-0'));
    await primary.start();
    return new StandbyPair(folder, primary, await startSwitchedProxy(primary.port));
  }

  /** The address, which stays the same through every failover. */
  get url(): string {
    const url = new URL(this.primary.url());
    url.port = String(this.proxy.port);
    return url.href;
  }

  /** Creates a standby from a base backup while the primary continues, and waits until it has caught up. */
  async addStandby(): Promise<void> {
    const standby = await this.primary.baseBackup(path.join(this.folder, `postgres-${++this.count}`));
    this.standby = standby;
    await standby.follow(this.primary);
    await standby.start();
    await this.catchUp();
  }

  /** Waits until the standby has everything that is committed at the time of the call. */
  async catchUp(): Promise<void> {
    await this.expectStandby().catchUpWith(this.primary);
  }

  /** Keeps all further writes from the standby. */
  async cutOff(): Promise<void> {
    const standby = this.expectStandby();
    await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`);
    await standby.query('SELECT pg_reload_conf()');
    await eventually(async () => {
      const receivers = await standby.query('SELECT 1 FROM pg_stat_wal_receiver');
      if (receivers.length > 0) throw new Error('The standby still receives.');
    });
  }

  /** Pauses the replay of the standby, which still receives all changes, but applies none before its promotion. */
  async pauseReplay(): Promise<void> {
    await this.expectStandby().query('SELECT pg_wal_replay_pause()');
  }

  /** Kills the primary, as the loss of its machine does. */
  async killPrimary(): Promise<void> {
    await this.primary.kill();
  }

  /**
   * Promotes the standby to primary, and switches the address to it.
   *
   * @param onSwitch is called when the standby accepts writes, and before any client can reach it
   */
  async promote(onSwitch: () => void): Promise<void> {
    const standby = this.expectStandby();
    // A statement that waits for the promotion would hold a snapshot, and the replay of the last changes would wait for that
    // snapshot.
    await standby.query('SELECT pg_promote(false)');
    await eventually(async () => {
      const [row] = await standby.query<{ isStandby: boolean }>('SELECT pg_is_in_recovery() AS "isStandby"');
      if (row!.isStandby) throw new Error('The standby was not promoted.');
    });
    this.primary = standby;
    this.standby = undefined;
    onSwitch();
    this.proxy.switchTo(standby.port);
  }

  async stop(keepsData: boolean): Promise<void> {
    await this.proxy.stop();
    await this.standby?.stop();
    await this.primary.stop();
    if (!keepsData) await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  private expectStandby(): PostgresCluster {
    if (this.standby === undefined) throw new Error('There is no standby.');
    return this.standby;
  }
}
