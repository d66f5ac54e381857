import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { type Account, chooseAccount, giveTo } from './runtime/privileges.js';

/** The places inside the data folder, and the account they belong to. */
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

/** Creates the folder if it is missing, and keeps the other users of the machine out of it. */
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

/** The major version the cluster was made with; undefined if there is no cluster yet. */
export async function readClusterMajor(folder: DataFolder): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(folder.cluster, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw explainRefusal(error, folder.path);
  }
}

/** Postgres refuses a cluster of another account in words that do not help; refused here with the cure. */
export async function requireOwnCluster(folder: DataFolder): Promise<void> {
  if (process.getuid === undefined) return;
  const wanted = folder.account?.uid ?? process.getuid();
  const { uid } = await stat(folder.cluster);
  if (uid === wanted) return;
  throw new EmbeddedPostgresError(
    'DATA_FOLDER_UNUSABLE',
    `${folder.cluster} belongs to uid ${uid}, but Postgres would run as uid ${wanted} and then refuses it. ` +
      `Start the program as that user, or give the folder away: chown -R ${wanted} ${folder.path}`,
  );
}

/** Turns "permission denied" on our own files into a message that says what to do. */
export function explainRefusal(error: unknown, path: string): unknown {
  const { code, message, path: file } = error as NodeJS.ErrnoException;
  if (!code || !file || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC'].includes(code)) return error;
  return new EmbeddedPostgresError(
    'DATA_FOLDER_UNUSABLE',
    `The data folder ${path} cannot be used: ${message}. ` +
      'If it was made by another user (for example by an earlier start as root), start as that user again, change its ' +
      'owner, or choose another folder.',
    { cause: error },
  );
}

/**
 * A folder that was made beforehand may be open to others, who could read the log of the server or replace the file with its
 * password. It is ours alone, so its rights are taken away; the folder around it may be shared, and is refused if others may
 * replace what is in it.
 */
async function keepOthersOut(path: string, log: (message: string) => void): Promise<void> {
  if (process.getuid === undefined) return;
  const parent = await stat(dirname(path));
  if ((parent.mode & OTHERS_WRITE) !== 0 && (parent.mode & STICKY) === 0) {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `Every user of this machine may replace what is in ${dirname(path)}, so data is not safe there: chmod o-w ${dirname(path)}`,
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

/** Folders that root makes on the way belong to the account too: a later start without root must be able to enter. */
async function createFolder(path: string, account: Account | undefined): Promise<void> {
  const parent = dirname(path);
  const first = await mkdir(parent, { recursive: true });
  const made = (await mkdir(path, { recursive: true, mode: 0o700 })) ? [path] : [];
  for (let folder = parent; first && folder.length >= first.length; folder = dirname(folder)) made.push(folder);
  for (const folder of made) await giveTo(account, folder);
}
