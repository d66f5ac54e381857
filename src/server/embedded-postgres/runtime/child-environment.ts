import { delimiter, join } from 'node:path';

/**
 * Reads the environment variables that are needed to find and load child programs. This is the only place in the folder that
 * reads `process.env`. The variables are only passed on and not used as configuration.
 */
const inherited = {
  path: () => process.env.PATH ?? '',
  libraryPath: () => process.env[libraryPathVariable] ?? '',
  systemRoot: () => process.env.SystemRoot,
};

const libraryPathVariable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';

/**
 * Builds the environment for initdb and postgres from scratch, because initdb fails if LANG names a missing locale, and PGDATA,
 * PGPORT or PGOPTIONS of the user's shell would change the server.
 */
export function childEnvironment(libraryFolders: string[] = []): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    PATH: inherited.path(),
    LC_ALL: 'C',
    // Setting TZ also keeps initdb from searching all of /usr/share/zoneinfo for the machine's time zone.
    TZ: 'UTC',
  };
  const libraryPath = [...libraryFolders, inherited.libraryPath()].filter(Boolean).join(delimiter);
  if (libraryPath) environment[libraryPathVariable] = libraryPath;
  if (inherited.systemRoot()) environment.SystemRoot = inherited.systemRoot();
  return environment;
}

/** Returns the possible paths of a program in the order of PATH. */
export function pathCandidates(program: string): string[] {
  return inherited
    .path()
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program));
}
