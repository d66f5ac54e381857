// Builds the client twice: as ES modules, and as CommonJS for apps that do not use ES modules.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');

rmSync(path.join(root, 'client/dist'), { recursive: true, force: true });
for (const project of ['client', 'client/tsconfig.cjs.json']) {
  const result = spawnSync(process.execPath, [compiler, '-p', project], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
// The package has the type "module", which does not apply to these files.
writeFileSync(path.join(root, 'client/dist/cjs/package.json'), '{ "type": "commonjs" }\n');
