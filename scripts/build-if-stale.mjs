// Builds dist/ if it is missing or older than a source, so that `npm start` works in a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Each compiled file with the source folders that it is built from. */
const BUILT = [
  ['dist/server/main.js', ['src', 'migrations']],
  ['client/dist/esm/index.js', ['client']],
  ['dist/explorer/index.html', ['explorer']],
];

/** The same compilers that `npm run build` runs. The first one empties dist/. */
const COMPILERS = [
  ['@nestjs/cli/bin/nest.js', 'build'],
  ['../scripts/bundle-server.mjs'],
  ['../scripts/build-client.mjs'],
  ['../scripts/build-explorer.mjs'],
];

/** Returns the time of the newest change below a folder, in ms since the epoch. */
function newestChange(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.split(path.sep).includes('dist'))
    .reduce((newest, entry) => Math.max(newest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs), 0);
}

const hasSources = existsSync(path.join(root, 'src'));
const isStale =
  hasSources &&
  BUILT.some(([file, folders]) => {
    const built = path.join(root, file);
    return (
      !existsSync(built) || folders.some((folder) => newestChange(path.join(root, folder)) > statSync(built).mtimeMs)
    );
  });

if (isStale) {
  console.error('Building (first start, or a source has changed) ...');
  for (const [compiler, ...args] of COMPILERS) {
    const result = spawnSync(process.execPath, [path.join(root, 'node_modules', compiler), ...args], {
      cwd: root,
      // Everything goes to stderr, because the caller may read what the program that follows prints.
      stdio: ['ignore', process.stderr, 'inherit'],
    });
    if (result.status !== 0) process.exit(result.status ?? 1);
  }
}
