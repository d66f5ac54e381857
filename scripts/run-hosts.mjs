// Installs the packed module into apps like those of its users, and tests each over HTTP and from inside. The script needs npm
// and its registry.
//
//   npm run test:hosts [-- <name of a host>…]
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import startShared from '../test/setup/shared.mjs';
import stopShared from '../test/setup/shared-stop.mjs';
import { checkDeclarations } from '../test/hosts/support/declarations.mjs';
import { driveHost } from '../test/hosts/support/drive-host.mjs';
import { HostProcess } from '../test/hosts/support/host-process.mjs';
import { followJourney, followReadme } from '../test/hosts/support/journey.mjs';
import { reportAddedPackages } from '../test/hosts/support/added-packages.mjs';
import { checkCopies, install, run } from '../test/hosts/support/npm.mjs';

const root = path.resolve(import.meta.dirname, '..');
const sources = path.join(root, 'test/hosts');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

const HOSTS = ['nest12-everything', 'nest12-patch-behind', 'nest12-first', 'nest11-commonjs', 'nest12-bundle'];

const chosen =
  process.argv.length > 2 ? process.argv.slice(2) : [...HOSTS, 'journey', 'readme', 'added-packages', 'declarations'];
const folder = await mkdtemp(path.join(tmpdir(), 'hosts-'));
try {
  const tarball = await pack();
  await startShared();
  for (const name of chosen) await query(`CREATE DATABASE ${databaseOf(name)}`);
  // npm waits for the network most of the time, so all apps are installed at the same time.
  await inParallel(chosen, (name) => {
    if (name === 'added-packages') return reportAddedPackages(path.join(folder, name), tarball);
    if (name === 'journey') return testJourney(name, tarball);
    if (name === 'readme') return testReadme(name, tarball);
    if (name === 'declarations') return checkDeclarations(path.join(folder, name), tarball);
    return testHost(name, tarball);
  });
} finally {
  await stopShared();
  await rm(folder, { recursive: true, force: true });
}

async function pack() {
  const [{ filename }] = JSON.parse(
    await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], path.join(root, 'module')),
  );
  return path.join(folder, filename);
}

async function testHost(name, tarball) {
  const cwd = path.join(folder, name);
  await mkdir(cwd);
  await cp(path.join(sources, 'shared'), path.join(cwd, 'src'), { recursive: true });
  await cp(path.join(sources, 'tsconfig.json'), path.join(cwd, 'tsconfig.json'));
  await cp(path.join(sources, name), cwd, { recursive: true });
  await install(cwd, [tarball]);
  await checkCopies(cwd);
  await run(process.execPath, [tsc], cwd);
  const { program = 'dist/main.js', build, ...checks } = await settingsOf(name);
  await build?.(cwd, root);
  const host = await HostProcess.start(cwd, program, databaseUrlOf(name));
  try {
    await driveHost(host, checks);
    await host.stop();
  } finally {
    host.kill();
  }
}

function testJourney(name, tarball) {
  return followJourney(path.join(folder, name), {
    page: path.join(root, 'docs/module.md'),
    tarball,
    tsc,
    tsconfig: path.join(sources, 'tsconfig.json'),
    databaseUrl: databaseUrlOf(name),
  });
}

function testReadme(name, tarball) {
  const page = path.join(root, 'README.md');
  return followReadme(path.join(folder, name), { page, tarball, databaseUrl: databaseUrlOf(name) });
}

/** Returns the settings of a host, which may define in its `host.mjs` how it is built and reached. */
async function settingsOf(name) {
  try {
    return await import(pathToFileURL(path.join(sources, name, 'host.mjs')).href);
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return {};
    throw error;
  }
}

async function inParallel(names, task) {
  const failed = [];
  await Promise.all(
    names.map(async (name) => {
      const startedAt = performance.now();
      try {
        await task(name);
        console.log(`ok ${name} (${Math.round((performance.now() - startedAt) / 1_000)} s)`);
      } catch (error) {
        failed.push(name);
        console.error(`FAILED ${name}\n${error.stack}`);
      }
    }),
  );
  if (failed.length > 0) process.exitCode = 1;
}

function databaseUrlOf(name) {
  const url = new URL(process.env.TEST_POSTGRES_URL);
  url.pathname = `/${databaseOf(name)}`;
  return url.href;
}

function databaseOf(name) {
  return `host_${name.replaceAll('-', '_')}`;
}

async function query(sql) {
  const client = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
