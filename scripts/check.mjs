// Runs the scripts of package.json that check the sources and the build, as many at the same time as there are processors.
//
//   npm run check [-- <sources | build | name of a script>…]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const PATH = [path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter);
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** All checks, by what they read. Those that take longest come first, so that none of them is left alone at the end. */
const CHECKS = {
  sources: ['typecheck', 'format:check', 'lint', 'boundaries'],
  build: ['packages:check', 'docs:check'],
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CHECKS);
const waiting = chosen.flatMap((name) => CHECKS[name] ?? [name]);
const unknown = waiting.filter((name) => scripts[name] === undefined);
if (unknown.length > 0) throw new Error(`package.json has no script ${unknown.join(', ')}.`);
await Promise.all(Array.from({ length: availableParallelism() }, runNext));

async function runNext() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, output } = await run(scripts[name]);
    console.log(`${code === 0 ? 'ok' : 'FAILED'} ${name}\n${output}`);
    if (code !== 0) process.exitCode = 1;
  }
}

/** Runs a command line, and returns its output when it has ended, because the outputs of several would be mixed. */
function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      cwd: root,
      env: { ...process.env, PATH },
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
