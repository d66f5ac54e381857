import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

interface Link {
  path: string;
  target: string;
}

/**
 * Creates missing links to shared libraries. npm packages can't contain symlinks, so the install script of the binaries creates
 * them (libicuuc.so.60 -> libicuuc.so.60.2). npm 12, pnpm, bun and --ignore-scripts do not run it, and postgres then fails to
 * load.
 *
 * @returns additional library folders: `fallbackFolder` and the package's own folder if node_modules is read-only, otherwise none
 */
export async function repairSharedLibraries(native: string, fallbackFolder: string): Promise<string[]> {
  const missing = (await readManifest(native)).filter((link) => !isPresent(link.path));
  if (missing.length === 0) return [];
  try {
    for (const link of missing) await makeLink(link.path, relative(dirname(link.path), link.target));
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
  }
  await mkdir(fallbackFolder, { recursive: true, mode: 0o755 });
  for (const link of missing) {
    const path = join(fallbackFolder, basename(link.path));
    // A link of an earlier start may point to an old location of node_modules.
    await rm(path, { force: true });
    await makeLink(path, link.target);
  }
  return [fallbackFolder, join(native, 'lib')];
}

/**
 * Reads the package's own list of links. Its paths are relative to the package; `source` is the file and `target` is the link.
 */
async function readManifest(native: string): Promise<Link[]> {
  const file = join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const entries = JSON.parse(await readFile(file, 'utf8')) as { source: string; target: string }[];
  const packageRoot = dirname(native);
  return entries.map(({ source, target }) => ({ path: join(packageRoot, target), target: join(packageRoot, source) }));
}

async function makeLink(path: string, target: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    // EEXIST means that another start has created the link.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
