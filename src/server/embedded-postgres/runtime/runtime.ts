import { type Binaries, PLATFORM_PACKAGE, findInstalledBinaries, findPackagedBinaries } from './binaries.js';
import { childEnvironment } from './child-environment.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { type Account, type LaunchWay, launchWays } from './privileges.js';
import { type Command, type CommandResult, runCommand } from './run-command.js';

/** A Postgres that runs on this machine, and the way to run it. */
export interface Runtime {
  initdb: string;
  postgres: string;
  /** The version, for example '18.4'. */
  version: string;
  major: number;
  way: LaunchWay;
  environment: NodeJS.ProcessEnv;
}

export interface RuntimeSearch {
  account: Account | undefined;
  dataDir: string;
  libraryFolder: string;
  /** The major version of the existing cluster, which is preferred among several installed servers. */
  clusterMajor: number | undefined;
  log: (message: string) => void;
  signal?: AbortSignal;
}

/** The oldest major version that this project's SQL supports. */
const OLDEST_MAJOR = 14;

/**
 * Finds binaries that run. Those of the npm package are preferred; otherwise (Alpine, --omit=optional) an installed Postgres is
 * used.
 */
export async function findRuntime(search: RuntimeSearch): Promise<Runtime> {
  const failures: string[] = [];
  const packaged = await findPackagedBinaries(search.libraryFolder);
  if (!packaged) failures.push(`the npm package ${PLATFORM_PACKAGE} is not installed`);
  const runtime = packaged && (await tryBinaries(packaged, search, failures));
  if (runtime) return runtime;

  const installed: Runtime[] = [];
  for (const binaries of findInstalledBinaries()) {
    const found = await tryBinaries(binaries, search, failures);
    if (found && found.major >= OLDEST_MAJOR) installed.push(found);
    else if (found) failures.push(`${found.postgres} is version ${found.version}, older than ${OLDEST_MAJOR}`);
  }
  installed.sort((a, b) => b.major - a.major);
  const chosen = installed.find(({ major }) => major === search.clusterMajor) ?? installed[0];
  if (chosen) {
    // This is logged, because this Postgres and the packaged one can't read each other's clusters if their major versions differ.
    search.log(`Using ${chosen.postgres} (${chosen.version}), because ${failures[0]}`);
    return chosen;
  }
  throw new EmbeddedPostgresError(
    'NO_POSTGRES_FOUND',
    `No Postgres to start was found. Set DATABASE_URL to your own database, run "npm install" without ` +
      `--omit=optional, or install Postgres ${OLDEST_MAJOR} or newer on this machine. Tried:\n` +
      failures.map((failure) => `  - ${failure}`).join('\n'),
  );
}

/** Tries each way to run `postgres --version` until one works, which also proves that its libraries load. */
async function tryBinaries(
  binaries: Binaries,
  search: RuntimeSearch,
  failures: string[],
): Promise<Runtime | undefined> {
  const environment = childEnvironment(binaries.libraryFolders);
  for (const way of launchWays(search.account)) {
    const command = probeCommand(way, search.dataDir, binaries.postgres);
    const result = await runCommand(command, { environment, signal: search.signal });
    const version = readVersion(result);
    if (version) {
      const { initdb, postgres } = binaries;
      return { initdb, postgres, version, major: Number.parseInt(version, 10), way, environment };
    }
    failures.push(`${binaries.postgres} (${way.description}): ${result.output}`);
  }
  return undefined;
}

/** Returns a command that enters the data folder first, because an account that can't enter the folder needs the next way. */
function probeCommand(way: LaunchWay, dataDir: string, postgres: string): Command {
  if (process.platform === 'win32') return way.wrap(postgres, ['--version']);
  return way.wrap('/bin/sh', ['-c', 'cd "$1" && exec "$2" --version', 'sh', dataDir, postgres]);
}

function readVersion({ isSuccess, stdout }: CommandResult): string | undefined {
  return isSuccess ? /\(PostgreSQL\) (\d+[\w.]*)/.exec(stdout)?.[1] : undefined;
}
