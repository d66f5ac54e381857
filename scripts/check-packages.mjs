// Packs the published packages, and checks that Node.js, bundlers and TypeScript find everything in them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** The packages, with their maximum sizes, because everybody who installs one has to download it. */
const PACKAGES = [
  // The package has only ES modules. Every version of Node.js that `engines` allows can also require them. The explorer takes 240
  // KiB of the maximum size, and the forwarding, the reading of samples in workers, that of distributed tables and what small queries
  // remember take 56.
  { folder: 'module', maxPackedBytes: 400_000 + 296 * 1024, attw: ['--ignore-rules', 'cjs-resolves-to-esm'] },
  { folder: 'client', maxPackedBytes: 400_000, attw: [] },
];

const folder = mkdtempSync(path.join(tmpdir(), 'packages-'));
try {
  for (const each of PACKAGES) check(each);
} finally {
  rmSync(folder, { recursive: true });
}

function check({ folder: name, maxPackedBytes, attw }) {
  const cwd = path.join(root, name);
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], cwd));
  const tarball = path.join(folder, filename);
  const { size } = statSync(tarball);
  console.log(`${filename}: ${(size / 1000).toFixed(0)} kB`);
  if (size > maxPackedBytes) throw new Error(`${filename} has more than ${maxPackedBytes} bytes.`);
  const bin = path.join(root, 'node_modules/.bin');
  run(path.join(bin, 'publint'), ['run', tarball, '--strict'], cwd);
  run(path.join(bin, 'attw'), [tarball, '--no-emoji', ...attw], cwd);
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}
