import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { isRoot } from '../support/launcher-fixture.js';
import { isAlive, waitFor } from '../support/launcher-project.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

/** A mount namespace, in which a folder can be read-only for one server alone. Most containers do not allow it. */
const canMount = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

/** A line of a stack trace, which would hide the reason. */
const STACK = /(?:\n|\\n)\s+at \S+/;

describe('the data folder of the embedded Postgres', () => {
  let parent: string;
  let folder: string;
  let server: TestServer | undefined;
  let pushed = 0;

  beforeAll(() => {
    parent = mkdtempSync(path.join(tmpdir(), 'custom-metrics-moved-'));
    chmodSync(parent, 0o755);
    folder = path.join(parent, 'data');
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(parent, { recursive: true, force: true, maxRetries: 10 });
  });

  const start = (launcher: readonly string[] = []) => startServer({ DATA_DIR: folder }, undefined, launcher);
  const postmasterFile = () => path.join(folder, 'postgres/cluster/postmaster.pid');

  /** Starts, expects all samples that were ever acknowledged, and pushes another one. */
  async function expectData(): Promise<void> {
    server = await start();
    if (pushed > 0) expect(valueOn(await scrape(server), 'moved_total')).toBe(pushed);
    expect((await push(server, [{ name: 'moved_total', value: 1 }])).status).toBe(202);
    pushed++;
    await eventually(async () => expect(valueOn(await scrape(server!), 'moved_total')).toBe(pushed));
  }

  async function stop(): Promise<void> {
    expect(await server!.stop()).toBe(0);
    server = undefined;
  }

  function move(name: string): void {
    const moved = path.join(parent, name);
    renameSync(folder, moved);
    folder = moved;
  }

  it('may be moved between two starts', async () => {
    await expectData();
    await stop();
    move('moved');
    await expectData();
  });

  it('may be moved after a crash that left its pid file', async () => {
    const file = readFileSync(postmasterFile(), 'utf8');
    const pid = Number(file.split('\n')[0]);
    await server!.kill();
    server = undefined;
    process.kill(pid, 'SIGKILL');
    await waitFor('the end of Postgres', () => !isAlive(pid));
    if (!existsSync(postmasterFile())) writeFileSync(postmasterFile(), file);
    move('moved after a crash');
    await expectData();
    await stop();
  });

  it('is refused with the reason while Postgres may not write to it, and then works again', async () => {
    const cluster = path.join(folder, 'postgres/cluster');
    chmodSync(cluster, 0o500);
    const refusal = await start().catch((error: unknown) => String(error));
    chmodSync(cluster, 0o700);
    expect(refusal).toMatch(/^Error: The server ended with 1:/);
    expect(refusal).toContain(folder);
    expect(refusal).toMatch(/Permission denied|EACCES/);
    expect(refusal).not.toMatch(STACK);
    await expectData();
    await stop();
  });

  (canMount ? it : it.skip)('is refused with the reason on a read-only file system (needs root)', async () => {
    const readOnly = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
    const refusal = await start(['unshare', '--mount', 'sh', '-c', readOnly, folder]).catch((error: unknown) =>
      String(error),
    );
    expect(refusal).toMatch(/^Error: The server ended with 1:/);
    expect(refusal).toContain('cannot be used: EROFS: read-only file system');
    expect(refusal).not.toMatch(STACK);
    await expectData();
    await stop();
  });
});
