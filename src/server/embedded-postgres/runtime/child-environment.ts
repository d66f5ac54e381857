import { delimiter, join } from 'node:path';

/**
 * The environment of this process that children need to be found and loaded. The only place of this folder that reads
 * `process.env`, and only to pass it on: it is no configuration of ours.
 */
const inherited = {
  path: () => process.env.PATH ?? '',
  libraryPath: () => process.env[libraryPathVariable] ?? '',
  systemRoot: () => process.env.SystemRoot,
};

const libraryPathVariable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';

/**
 * The environment for initdb and postgres, made from nothing: a LANG that names a missing locale makes initdb fail, and
 * a PGDATA, PGPORT or PGOPTIONS of the user's shell would change what we start.
 */
export function childEnvironment(libraryFolders: string[] = []): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    PATH: inherited.path(),
    LC_ALL: 'C',
    // Also spares initdb the search for the machine's zone through all of /usr/share/zoneinfo.
    TZ: 'UTC',
  };
  const libraryPath = [...libraryFolders, inherited.libraryPath()].filter(Boolean).join(delimiter);
  if (libraryPath) environment[libraryPathVariable] = libraryPath;
  if (inherited.systemRoot()) environment.SystemRoot = inherited.systemRoot();
  return environment;
}

/** Where a program of this name may lie, in the order of PATH. */
export function pathCandidates(program: string): string[] {
  return inherited
    .path()
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program));
}
