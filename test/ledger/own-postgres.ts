import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres/index.js';
import { steadyPort } from '../support/steady-port.js';

/** Runs a Postgres with fsync that may be killed, and restarts it at the same address. */
export class OwnPostgres {
  private constructor(
    readonly folder: string,
    private postgres: EmbeddedPostgres,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-ledger-'));
    const options = { dataDir: path.join(folder, 'postgres'), port: await steadyPort() };
    return new OwnPostgres(folder, await startEmbeddedPostgres(options));
  }

  get url(): string {
    return this.postgres.url;
  }

  /** Kills the server as the kernel does when memory runs out. Its other processes may still complete their commits. */
  kill(): void {
    process.kill(this.postgres.pid, 'SIGKILL');
  }

  /** Restarts the server on the same port, so that all connection strings stay valid. */
  async restart(): Promise<void> {
    const { port } = this.postgres;
    this.postgres = await startEmbeddedPostgres({ dataDir: path.join(this.folder, 'postgres'), port });
  }

  async stop(keepsData: boolean): Promise<void> {
    await this.postgres.stop();
    if (!keepsData) await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
