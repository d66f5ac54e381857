import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Packages of which a second copy would be a second registry, a second Reflector, or a second list of entities. */
const ONCE =
  /^(?:@nestjs\/.*|@willsoto\/nestjs-prometheus|typeorm|prom-client|class-validator|class-transformer|reflect-metadata|rxjs|pg)$/;

/** Runs a command and returns its output. */
export function run(command, args, cwd, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code} in ${cwd}:\n${output}\n${errors}`));
    });
  });
}

export function install(cwd, packages = []) {
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'];
  return run('npm', ['install', ...quiet, ...packages], cwd);
}

/** Fails if npm finds a problem, or if a package that must exist only once is installed twice. */
export async function checkCopies(cwd) {
  const tree = JSON.parse(await run('npm', ['ls', '--all', '--json', '--omit=dev'], cwd));
  if (tree.problems?.length > 0) throw new Error(`npm ls finds problems in ${cwd}:\n${tree.problems.join('\n')}`);
  const { packages } = JSON.parse(await readFile(path.join(cwd, 'node_modules/.package-lock.json'), 'utf8'));
  const places = new Map();
  for (const place of Object.keys(packages)) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    places.set(name, [...(places.get(name) ?? []), place]);
  }
  for (const [name, each] of places) {
    if (ONCE.test(name) && each.length > 1) throw new Error(`${name} is installed twice: ${each.join(', ')}`);
  }
}

/** Returns the size in bytes of each installed package, by its path. */
export async function sizeOf(cwd) {
  const { packages } = JSON.parse(await readFile(path.join(cwd, 'node_modules/.package-lock.json'), 'utf8'));
  const bytes = new Map();
  for (const place of Object.keys(packages)) bytes.set(place, await bytesOf(path.join(cwd, place)));
  return bytes;
}

async function bytesOf(folder) {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    // Packages that are installed inside a package are counted separately.
    if (entry.isDirectory()) total += entry.name === 'node_modules' ? 0 : await bytesOf(file);
    else if (entry.isFile()) total += (await stat(file)).size;
  }
  return total;
}
