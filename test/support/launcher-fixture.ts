import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/server/embedded-postgres/index.js';
import { eventually } from './eventually.js';
import { type LauncherProject, type User, createLauncherProject, query } from './launcher-project.js';

export const isRoot = process.getuid?.() === 0;
export const isLinux = process.platform === 'linux';
const hasSetpriv =
  isLinux && (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'setpriv')));

/** Cases that are impossible on this machine or for this user are reported as skipped. Their titles name the requirement. */
export const itAsRoot = isRoot ? it : it.skip;
export const itOnLinux = isLinux ? it : it.skip;
export const itWithSetpriv = hasSetpriv ? it : it.skip;

/** A user that is not root: undefined for the user of the tests, or `nobody` if that user is root. */
export const ordinaryUser: User | undefined = isRoot ? { uid: 65534, gid: 65534 } : undefined;

export interface LauncherFixture {
  /** Runs the compiled launcher in separate processes. */
  project: LauncherProject;
  /** A folder with data. A start on it takes 0.2 s, while the first start on a new folder takes over a second. */
  warmDataDir: string;
  /** Starts a server from the sources, in this process. It is stopped after the test. */
  start(options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres>;
  /** Starts a program that has nothing to do with Postgres, under the account that owns the data. It is ended after the test. */
  spawnStranger(dataDir: string): number;
  /**
   * Starts a program that fills a folder with new files for a given time, or until the folder is gone. It is ended after the
   * test.
   */
  spawnWriter(folder: string, durationMs: number): void;
  /** Listens on 127.0.0.1 until the end of the test. Port 0 means any port. */
  occupyPort(port: number): Promise<number>;
}

const WRITER = `
  const [, folder, durationMs] = process.argv;
  const endsAt = Date.now() + Number(durationMs);
  for (let file = 0; Date.now() < endsAt; file++) require('node:fs').writeFileSync(folder + '/' + file, '');
`;

/** Creates a fixture for all tests of a file. Its members can be used only inside tests. */
export function useLauncher(): LauncherFixture {
  const strangers: ChildProcess[] = [];
  const servers: EmbeddedPostgres[] = [];
  const listeners: Server[] = [];
  const fixture = {
    start: async (options) => {
      const server = await startEmbeddedPostgres({ dataDir: fixture.warmDataDir, ephemeral: true, ...options });
      servers.push(server);
      return server;
    },
    spawnStranger: (dataDir) => {
      const { uid, gid } = statSync(cluster(dataDir));
      const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
      strangers.push(stranger);
      return stranger.pid ?? 0;
    },
    spawnWriter: (folder, durationMs) => {
      strangers.push(spawn(process.execPath, ['-e', WRITER, folder, String(durationMs)], { stdio: 'ignore' }));
    },
    occupyPort: async (port) => {
      const listener = createServer();
      listeners.push(listener);
      await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
      const address = listener.address();
      return typeof address === 'object' && address ? address.port : 0;
    },
  } as LauncherFixture;

  beforeAll(async () => {
    fixture.project = createLauncherProject();
    fixture.warmDataDir = fixture.project.createDataDir();
    await (await fixture.start()).stop();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    await Promise.all(listeners.splice(0).map((listener) => new Promise((resolve) => listener.close(resolve))));
    for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
  });
  afterAll(() => fixture.project.remove());
  return fixture;
}

export function cluster(dataDir: string): string {
  return join(dataDir, 'cluster');
}

export function postmasterFile(dataDir: string): string {
  return join(dataDir, 'cluster/postmaster.pid');
}

/** Returns the uid of a process. */
export function ownerOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Starts a backend that is busy for the given time, and returns its pid. */
export async function hangingBackend(url: string, seconds: number): Promise<number> {
  const loop = `DO $$ DECLARE ends timestamptz := clock_timestamp() + '${seconds} s'; BEGIN WHILE clock_timestamp() < ends LOOP END LOOP; END $$`;
  query(url, loop).catch(() => undefined);
  const find = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'";
  return eventually(async () => {
    const pid = await query(url, find);
    expect(pid).toBeTruthy();
    return Number(pid);
  });
}

export function replacePid(dataDir: string, pid: number): void {
  const [, ...rest] = readFileSync(postmasterFile(dataDir), 'utf8').split('\n');
  writeFileSync(postmasterFile(dataDir), [pid, ...rest].join('\n'));
}

/** Returns the pids of the other processes whose command line contains this text. */
export function findProcesses(part: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(part) && Number(name) !== process.pid)
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
