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

/** Major from which a locale is built into Postgres, so that neither libc's nor ICU's locales are needed. */
const BUILTIN_LOCALE_MAJOR = 17;

/** The delay grows by itself with every try: some 8 s in all, and an initdb that nobody kills is done in two. */
const DRAFT_REMOVALS = 17;
const DRAFT_REMOVAL_DELAY_MS = 50;

/**
 * Makes the cluster if there is none, and refuses one of another major.
 *
 * @returns whether the cluster is new, hence has the password of the options
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

/** Sets the password with the server down, for a cluster whose credentials file was lost. */
export async function resetPassword(folder: DataFolder, runtime: Runtime, password: string): Promise<void> {
  const command = runtime.way.wrap(runtime.postgres, ['--single', '-D', folder.cluster, 'postgres']);
  const result = await runCommand(command, {
    environment: runtime.environment,
    // By the input and not as an argument, which every user of the machine could read.
    input: `ALTER ROLE ${SUPERUSER} PASSWORD '${password}';\n`,
  });
  if (result.isSuccess) return;
  const output = result.output.replaceAll(password, '***');
  throw new EmbeddedPostgresError('START_FAILED', `The lost password of ${folder.cluster} cannot be reset:\n${output}`);
}

/** Made beside its place and renamed when complete: a killed initdb leaves nothing that looks like a cluster. */
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
    : '\nThe user this program runs as has no entry in /etc/passwd, and initdb wants one: run it as a user that has.';
  return new EmbeddedPostgresError('INITDB_FAILED', `initdb could not fill ${folder.path}:\n${output}${hint}`);
}

function wrongMajor(folder: DataFolder, major: number, runtime: Runtime): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'WRONG_MAJOR_VERSION',
    `${folder.cluster} was made by Postgres ${major}, which Postgres ${runtime.version} (${runtime.postgres}) cannot ` +
      `read. Nothing was changed. Either dump it with Postgres ${major} (pg_dumpall) and restore it, or move ` +
      `${folder.path} away to start with an empty database, or set DATABASE_URL.`,
  );
}

/** An empty folder is in nobody's way; one with other content may be somebody's data. */
async function refuseForeignContent(folder: DataFolder): Promise<void> {
  try {
    await rmdir(folder.cluster);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `${folder.cluster} is in the way: it is no Postgres data directory (no PG_VERSION) and not empty (${message}). ` +
        'Move it away or choose another folder.',
    );
  }
}

/** What a killed start left. The start lock is held here, so no other start is at work on them. */
async function removeUnfinishedClusters(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (name.startsWith('cluster.new-')) await removeDraft(join(folder.path, name));
  }
}

/**
 * A killed initdb leaves a Postgres behind that goes on writing for a moment, so a folder that was just emptied may hold a
 * file again (ENOTEMPTY). It ends by itself: its input was a pipe from initdb.
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
