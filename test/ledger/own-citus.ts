import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { migrate } from '../../src/server/database/migrate.js';
import type { SeededRandom } from '../support/seeded-random.js';
import { steadyPort } from '../support/steady-port.js';

const NODES = ['coordinator', 'worker-1', 'worker-2'] as const;
const START_LIMIT_MS = 60_000;

interface Node {
  readonly folder: string;
  readonly port: number;
}

/** Runs a Citus cluster of three servers that may be killed, in place of one Postgres. Merged blocks are distributed. */
export class OwnCitus {
  private readonly killed: Node[] = [];

  private constructor(
    private readonly binaries: string,
    readonly folder: string,
    private readonly nodes: readonly Node[],
    private readonly random: SeededRandom,
  ) {}

  /** @param binaries the folder of the programs of a Postgres with Citus */
  static async start(binaries: string, random: SeededRandom): Promise<OwnCitus> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-ledger-'));
    await chmod(folder, 0o777);
    const nodes: Node[] = [];
    for (const name of NODES) nodes.push({ folder: path.join(folder, name), port: await steadyPort() });
    const cluster = new OwnCitus(binaries, folder, nodes, random);
    try {
      for (const node of nodes) {
        await cluster.create(node);
        await cluster.run(node);
        await query(urlOf(node), 'CREATE EXTENSION citus');
      }
      const [coordinator, ...workers] = nodes;
      await query(cluster.url, `SELECT citus_set_coordinator_host('127.0.0.1', ${coordinator!.port})`);
      for (const { port } of workers) await query(cluster.url, `SELECT citus_add_node('127.0.0.1', ${port})`);
      await migrate(cluster.url);
      await query(cluster.url, `SELECT create_distributed_table('sample_block_merged', 'bucket', shard_count => 4)`);
      return cluster;
    } catch (error) {
      await cluster.stop(false);
      throw error;
    }
  }

  get url(): string {
    return urlOf(this.nodes[0]!);
  }

  /** Kills one of the servers, or all. */
  kill(): void {
    const victims = this.random.isTrue(0.2) ? this.nodes : [this.random.pick(this.nodes)];
    for (const node of victims) this.killed.push(node);
    for (const { folder } of victims) void signal(folder, 'SIGKILL');
  }

  /** Restarts the servers that were killed, on the same ports. */
  async restart(): Promise<void> {
    await Promise.all(this.killed.splice(0).map((node) => this.run(node)));
  }

  async stop(keepsData: boolean): Promise<void> {
    await Promise.all(this.nodes.map(({ folder }) => signal(folder, 'SIGQUIT').catch(() => undefined)));
    await sleep(500);
    if (!keepsData) await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  private async create({ folder, port }: Node): Promise<void> {
    const args = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
    const [program, ...rest] = this.commandOf('initdb', args);
    await promisify(execFile)(program!, rest, { cwd: '/', env: this.environment });
    await appendFile(
      path.join(folder, 'postgresql.conf'),
      [
        `port = ${port}`,
        "listen_addresses = '127.0.0.1'",
        "unix_socket_directories = ''",
        "shared_preload_libraries = 'citus'",
        'max_connections = 200',
        "citus.recover_2pc_interval = '5s'",
        "log_min_messages = 'fatal'",
      ].join('\n'),
    );
  }

  private async run(node: Node): Promise<void> {
    const log = await open(`${node.folder}.log`, 'a');
    for (const giveUpAt = Date.now() + START_LIMIT_MS; ;) {
      const [program, ...args] = this.commandOf('postgres', ['-D', node.folder]);
      // Processes of the killed server may live a moment longer, and the start is refused until they have ended.
      const child = spawn(program!, args, {
        cwd: '/',
        env: this.environment,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      child.unref();
      while (child.exitCode === null && child.signalCode === null && Date.now() < giveUpAt) {
        if (await isUp(node)) {
          await log.close();
          return;
        }
        await sleep(50);
      }
      if (Date.now() >= giveUpAt) throw new Error(`${node.folder} does not start: see ${node.folder}.log`);
      await sleep(100);
    }
  }

  /** The servers connect to each other, and would look for certificates in the folder of the user. */
  private get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, LC_ALL: 'C', HOME: this.folder };
  }

  /** Postgres refuses to run as root. */
  private commandOf(program: string, args: readonly string[]): string[] {
    const command = [path.join(this.binaries, program), ...args];
    const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
    return process.getuid?.() === 0 ? [...asPostgres, ...command] : command;
  }
}

async function isUp(node: Node): Promise<boolean> {
  try {
    await query(urlOf(node), 'SELECT 1');
    return true;
  } catch {
    return false;
  }
}

async function signal(folder: string, name: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
  const pid = Number((await readFile(path.join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, name);
}

function urlOf({ port }: Node): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
