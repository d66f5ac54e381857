// Builds dist/ when it is missing or older than a source, so that `npm start` works on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const built = path.join(root, 'dist/src/main.js');

/** The newest change below a folder, in ms since the epoch. */
function newestChange(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs), 0);
}

const hasSources = existsSync(path.join(root, 'src'));
const isStale =
  hasSources &&
  (!existsSync(built) ||
    Math.max(newestChange(path.join(root, 'src')), newestChange(path.join(root, 'migrations'))) >
      statSync(built).mtimeMs);

if (isStale) {
  console.error('Building (first start, or a source has changed) ...');
  const result = spawnSync(process.execPath, [path.join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
