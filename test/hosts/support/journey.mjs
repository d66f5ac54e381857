import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, run } from './npm.mjs';

const START_MS = 180_000;

/** Maximum number of lines of the program in the README, which the README promises. */
const MAX_README_LINES = 10;

/**
 * Follows docs/module.md from an empty folder. Each section with commands is a step: its files are written, the app is compiled and
 * started, its commands are run, and their output must contain every line that the page shows.
 */
export async function followJourney(cwd, { page, tarball, tsc, tsconfig, databaseUrl }) {
  await mkdir(path.join(cwd, 'src'), { recursive: true });
  await cp(tsconfig, path.join(cwd, 'tsconfig.json'));
  const sections = (await readFile(page, 'utf8')).split(/^## /m).slice(1).map(stepOf);
  const [first, ...others] = sections;
  // A section with neither a file nor an output has nothing to run.
  const steps = others.filter(({ files, shown }) => files.length > 0 || shown.length > 0);
  await run('bash', ['-euc', withTarball(first.commands, tarball)], cwd);
  await install(cwd, ['-D', '@types/node@20', '@nestjs/testing']);
  for (const step of steps) await takeStep(cwd, step, { tsc, databaseUrl });
  console.log(`Journey: ${steps.length} steps.`);
}

/** Follows the section of the README about the module, whose only program needs no compiler. */
export async function followReadme(cwd, { page, tarball, databaseUrl }) {
  await mkdir(cwd);
  const sections = (await readFile(page, 'utf8')).split(/^## /m);
  const section = sections.find((each) => each.startsWith('Inside your own Nest app\n'));
  const [commands] = blocksOf(section, 'sh');
  const [program] = blocksOf(section, 'js');
  const lines = program.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  assert.ok(lines.length <= MAX_README_LINES, `The program of the README has ${lines.length} lines.`);
  await run('bash', ['-euc', withTarball(commands, tarball)], cwd);
  const port = await freePort();
  await writeFile(path.join(cwd, 'main.mjs'), program.replace('3000', String(port)));
  await whileRunning(cwd, { program: 'main.mjs', port, databaseUrl }, async (url) => {
    for (const until = Date.now() + START_MS; Date.now() < until; await sleep(200)) {
      const answer = await fetch(`${url}/metrics`);
      if ((await answer.text()).includes('\nhello_total 1\n')) return;
    }
    throw new Error('The page has no line `hello_total 1`.');
  });
}

function withTarball(commands, tarball) {
  return commands.replaceAll(/(?<=npm install )nestjs-custom-metrics\b/g, tarball);
}

function blocksOf(section, language) {
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...section.matchAll(block)].map(([, code]) => code);
}

function stepOf(section) {
  const blocks = (language) => blocksOf(section, language);
  const files = blocks('ts').flatMap((code) => {
    const name = /^\/\/ (src\/\S+)\n/.exec(code)?.[1];
    return name === undefined ? [] : [{ name, code }];
  });
  return {
    title: section.split('\n', 1)[0],
    files,
    commands: blocks('sh').join('\n'),
    shown: blocks('text').join('').split('\n').filter(Boolean),
  };
}

async function takeStep(cwd, { title, files, commands, shown }, { tsc, databaseUrl }) {
  for (const { name, code } of files) await writeFile(path.join(cwd, name), code);
  await run(process.execPath, [tsc], cwd);
  await whileRunning(cwd, { program: 'dist/main.js', port: await freePort(), databaseUrl }, async (url, outputOf) => {
    const printed = await run('bash', ['-euc', commands], cwd, { URL: url });
    for (const line of shown) assert.ok(printed.includes(line), `${title}: no ${line} in\n${printed}\n${outputOf()}`);
  });
}

/** Runs a task while a program listens. */
async function whileRunning(cwd, { program, port, databaseUrl }, task) {
  const child = spawn(process.execPath, [program], {
    cwd,
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const exited = once(child, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, child, () => output);
    await task(url, () => output);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function untilAnswers(url, child, outputOf) {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null) break;
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  throw new Error(`The app of the page did not start:\n${outputOf()}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
