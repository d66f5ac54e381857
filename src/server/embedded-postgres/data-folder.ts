import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { type Account, chooseAccount, giveTo } from './runtime/privileges.js';

/** The paths inside the data folder, and the account that owns them. */
export interface DataFolder {
  path: string;
  /** Postgres' own data directory. */
  cluster: string;
  credentials: string;
  owner: string;
  lock: string;
  serverLog: string;
  libraries: string;
  account: Account | undefined;
}

/** Creates the folder if it is missing, and denies access to other users of the machine. */
export async function openDataFolder(
  dataDir: string,
  log: (message: string) => void = () => undefined,
): Promise<DataFolder> {
  const path = resolve(dataDir);
  const cluster = join(path, 'cluster');
  try {
    const account = chooseAccount(path, cluster);
    await createFolder(path, account);
    await keepOthersOut(path, log);
    return {
      path,
      cluster,
      credentials: join(path, 'credentials.json'),
      owner: join(path, 'owner.json'),
      lock: join(path, 'start.lock'),
      serverLog: join(path, 'server.log'),
      libraries: join(path, 'lib'),
      account,
    };
  } catch (error) {
    throw explainRefusal(error, path);
  }
}

/** Returns the major version that created the cluster, or undefined if there is no cluster yet. */
export async function readClusterMajor(folder: DataFolder): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(folder.cluster, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw explainRefusal(error, folder.path);
  }
}

/** Refuses a cluster of another account. The error contains advice, because the message of Postgres itself does not help. */
export async function requireOwnCluster(folder: DataFolder): Promise<void> {
  if (process.getuid === undefined) return;
  const wanted = folder.account?.uid ?? process.getuid();
  const { uid } = await stat(folder.cluster);
  if (uid === wanted) return;
  throw new EmbeddedPostgresError(
    'DATA_FOLDER_UNUSABLE',
    `${folder.cluster} belongs to uid ${uid}, but Postgres would run as uid ${wanted} and refuse it. ` +
      `Start the program as that user, or change the owner of the folder: chown -R ${wanted} ${folder.path}`,
  );
}

/** Converts "permission denied" for our own files to an error that says what to do. */
export function explainRefusal(error: unknown, path: string): unknown {
  const { code, message, path: file } = error as NodeJS.ErrnoException;
  if (!code || !file || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC'].includes(code)) return error;
  return new EmbeddedPostgresError(
    'DATA_FOLDER_UNUSABLE',
    `The data folder ${path} cannot be used: ${message}. ` +
      'If another user created it (for example an earlier start as root), start as that user again, change its ' +
      'owner, or choose another folder.',
    { cause: error },
  );
}

/**
 * Denies other users access to the data folder. A folder that existed before may be open to others, who could read the log of the
 * server or replace its password file. The data folder belongs only to this service, so its permissions are restricted. The
 * parent folder may be shared, and is refused if others can replace its contents.
 */
async function keepOthersOut(path: string, log: (message: string) => void): Promise<void> {
  if (process.getuid === undefined) return;
  const parent = await stat(dirname(path));
  if ((parent.mode & OTHERS_WRITE) !== 0 && (parent.mode & STICKY) === 0) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `Every user of this machine can replace files in ${dirname(path)}, so data is not safe there: chmod o-w ${dirname(path)}`,
    );
  }
  const { mode } = await stat(path);
  if ((mode & GROUP_AND_OTHERS) === 0) return;
  await chmod(path, 0o700);
  log(`${path} was open to other users of this machine; now only its owner may enter it`);
}

const GROUP_AND_OTHERS = 0o077;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/** Creates the folder and its parents. New parents belong to the account as well, so that a later start without root works. */
async function createFolder(path: string, account: Account | undefined): Promise<void> {
  const parent = dirname(path);
  const first = await mkdir(parent, { recursive: true });
  const made = (await mkdir(path, { recursive: true, mode: 0o700 })) ? [path] : [];
  for (let folder = parent; first && folder.length >= first.length; folder = dirname(folder)) made.push(folder);
  for (const folder of made) await giveTo(account, folder);
}
