import { mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DataFolder, readClusterMajor, requireOwnCluster } from './data-folder.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { giveTo, hasAccountName, withAccountName } from './runtime/privileges.js';
import { runCommand } from './runtime/run-command.js';
import type { Runtime } from './runtime/runtime.js';
import { SUPERUSER } from './state-files.js';

export interface ClusterOptions {
  password: string;
  isEphemeral: boolean;
  log: (message: string) => void;
  signal?: AbortSignal;
}

/** The first major version with a built-in locale provider, which needs no locale of libc or ICU. */
const BUILTIN_LOCALE_MAJOR = 17;

/**
 * Number of attempts to remove a draft folder. The delay grows with each attempt. All delays together are about 8 s, and a
 * complete initdb takes only about two seconds.
 */
const DRAFT_REMOVALS = 17;
const DRAFT_REMOVAL_DELAY_MS = 50;

/**
 * Creates the cluster if there is none, and refuses a cluster of another major version.
 *
 * @returns true if the cluster is new and therefore has the password of the options
 */
export async function ensureCluster(folder: DataFolder, runtime: Runtime, options: ClusterOptions): Promise<boolean> {
  await removeUnfinishedClusters(folder);
  const major = await readClusterMajor(folder);
  if (major === undefined) {
    await refuseForeignContent(folder);
    options.log(`Creating a Postgres ${runtime.version} data folder in ${folder.path}`);
    await createCluster(folder, runtime, options);
    return true;
  }
  if (major !== runtime.major) throw wrongMajor(folder, major, runtime);
  await requireOwnCluster(folder);
  return false;
}

/** Sets the password of a cluster whose credentials file was lost. The server must not be running. */
export async function resetPassword(folder: DataFolder, runtime: Runtime, password: string): Promise<void> {
  const command = runtime.way.wrap(runtime.postgres, ['--single', '-D', folder.cluster, 'postgres']);
  const result = await runCommand(command, {
    environment: runtime.environment,
    // The password is passed through stdin, because every user of the machine can read arguments.
    input: `ALTER ROLE ${SUPERUSER} PASSWORD '${password}';\n`,
  });
  if (result.isSuccess) return;
  const output = result.output.replaceAll(password, '***');
  throw new EmbeddedPostgresError('START_FAILED', `The lost password of ${folder.cluster} cannot be reset:\n${output}`);
}

/** Creates the cluster in a temporary folder and renames it when complete, so that a killed initdb leaves no partial cluster. */
async function createCluster(folder: DataFolder, runtime: Runtime, options: ClusterOptions): Promise<void> {
  const draft = `${folder.cluster}.new-${process.pid}`;
  const passwordFile = `${draft}.password`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await giveTo(folder.account, draft);
    await writeFile(passwordFile, options.password, { mode: 0o600, flag: 'wx' });
    await giveTo(folder.account, passwordFile);
    const args = initdbArguments(draft, passwordFile, runtime.major, options.isEphemeral);
    const command = withAccountName(runtime.way.wrap(runtime.initdb, args));
    const result = await runCommand(command, { environment: runtime.environment, signal: options.signal });
    if (!result.isSuccess) throw initdbFailed(folder, result.output);
    await rename(draft, folder.cluster);
    await syncFolder(dirname(folder.cluster));
  } finally {
    await rm(passwordFile, { force: true });
    await removeDraft(draft);
  }
}

function initdbArguments(draft: string, passwordFile: string, major: number, isEphemeral: boolean): string[] {
  return [
    `--pgdata=${draft}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    ...(major >= BUILTIN_LOCALE_MAJOR ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    ...(isEphemeral ? ['--no-sync'] : []),
  ];
}

function initdbFailed(folder: DataFolder, output: string): EmbeddedPostgresError {
  const hint = hasAccountName()
    ? ''
    : '\nThe user of this program has no entry in /etc/passwd, which initdb requires. Run it as a user that has one.';
  return new EmbeddedPostgresError('INITDB_FAILED', `initdb could not fill ${folder.path}:\n${output}${hint}`);
}

function wrongMajor(folder: DataFolder, major: number, runtime: Runtime): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'WRONG_MAJOR_VERSION',
    `${folder.cluster} was created by Postgres ${major}, and Postgres ${runtime.version} (${runtime.postgres}) cannot ` +
      `read it. Nothing was changed. Either dump it with Postgres ${major} (pg_dumpall) and restore it, or move ` +
      `${folder.path} away to start with an empty database, or set DATABASE_URL.`,
  );
}

/**
 * Removes an empty folder at the path of the cluster. A folder that is not empty is refused, because it may contain user data.
 */
async function refuseForeignContent(folder: DataFolder): Promise<void> {
  try {
    await rmdir(folder.cluster);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `${folder.cluster} cannot be used: it is not a Postgres data directory (it has no PG_VERSION) and not empty ` +
        `(${message}). Move it away or choose another folder.`,
    );
  }
}

/** Removes the folders that a killed start has left. The caller has the start lock, so no other start uses these folders. */
async function removeUnfinishedClusters(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (name.startsWith('cluster.new-')) await removeDraft(join(folder.path, name));
  }
}

/**
 * Removes a draft folder. The Postgres of a killed initdb keeps writing for a moment, so a folder that was just emptied may
 * contain a file again (ENOTEMPTY). That Postgres soon ends, because its input was a pipe from initdb.
 */
async function removeDraft(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: DRAFT_REMOVALS, retryDelay: DRAFT_REMOVAL_DELAY_MS });
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
