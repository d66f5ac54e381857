import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startServer, type TestServer } from '../support/server.js';
import { askSession, signIn } from '../support/sessions.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist', 'server/main.js');
const SECRET = /cm[ksl]_[\w-]{43}/g;
const TOKEN = /cmk_[\w-]{43}/g;
const LINK = /http:\S+\/explorer\/#\/signin\/(cml_[\w-]{43})/;
const hasScript = spawnSync('script', ['--version']).status === 0;

/** Returns all commands that the start prints for a shell, in order. Each command is indented by four spaces or more. */
function commandsIn(output: string): string {
  const welcome = output.slice(output.indexOf('Custom metrics, kept:'));
  return welcome
    .split('\n')
    .filter((line) => /^ {4,}(?:\.|export|curl|-[HdX]) ?/.test(line))
    .map((line) => line.trim())
    .join('\n');
}

describe('the output of a start', () => {
  let database: TestDatabase;
  let folder: string;
  let server: TestServer | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(path.join(tmpdir(), "custom metrics' first tokens-"));
  });

  afterEach(async () => {
    await server?.kill();
    server = undefined;
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const start = (dataDirectory = folder) =>
    startServer({
      DATABASE_URL: database.url,
      DATA_DIR: dataDirectory,
      INIT_BACKEND_API_TOKENS: '',
      INIT_ADMIN_API_TOKENS: '',
    });

  /** Runs the commands in a new shell, in the folder of the project. */
  async function paste(commands: string): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: folder, DATABASE_URL: database.url };
    const { stdout } = await run('sh', ['-euc', commands], { cwd: ROOT, env, timeout: 60_000 });
    return stdout;
  }

  const expectAllAnswered = (answers: string, pushes: number) => {
    expect(answers).toContain('HTTP/1.1 202 Accepted');
    expect(answers).toContain(`http_responses_total{status="200"} ${pushes}\n`);
    expect(answers).toContain('"metric":"http_responses_total"');
  };

  test('works unchanged on a first and on a later start, and no secret reaches the log', async () => {
    server = await start();
    expect(server.output()).not.toMatch(SECRET);
    const [name, ...others] = readdirSync(folder);
    expect([name, others]).toEqual(['first-tokens.env', []]);
    expect(statSync(path.join(folder, name!)).mode & 0o777).toBe(0o600);
    expect(new Set(readFileSync(path.join(folder, name!), 'utf8').match(SECRET)).size).toBe(2);
    expect(server.output()).toContain(path.join(folder, name!));
    expect(server.output()).toMatch(/Open the explorer.*\n +http:\S+\/explorer\/\n/);
    expectAllAnswered(await paste(commandsIn(server.output())), 1);
    await server.stop();

    server = await start();
    expect(server.output()).not.toMatch(SECRET);
    expect(readdirSync(folder)).toEqual(['first-tokens.env']);
    expectAllAnswered(await paste(commandsIn(server.output())), 2);
  });

  test('creates no token if its file cannot be written, and says how to create one', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    server = await start(file);
    expect(server.output()).not.toMatch(SECRET);
    expect(server.output()).toMatch(/No token exists yet.*file/);
    expectAllAnswered(await paste(commandsIn(server.output())), 1);
  });

  test('writes only one file, next to that of another database, if two processes start at the same time', async () => {
    writeFileSync(path.join(folder, 'first-tokens.env'), 'ADMIN_TOKEN=another\n');
    const [first, second] = await Promise.all([start(), start()]);
    server = first;
    await second.kill();
    expect(readFileSync(path.join(folder, 'first-tokens.env'), 'utf8')).toBe('ADMIN_TOKEN=another\n');
    const created = readdirSync(folder).filter((name) => name !== 'first-tokens.env');
    expect(created).toEqual([expect.stringMatching(/^first-tokens-.+\.env$/)]);
    const secret = /ADMIN_TOKEN=(\S+)/.exec(readFileSync(path.join(folder, created[0]!), 'utf8'))![1]!;
    const answer = await fetch(`${first.url}/api/admin/tokens`, { headers: { Authorization: secret } });
    expect(answer.status).toBe(200);
  });

  (hasScript ? test : test.skip)('shows the tokens once on a terminal (needs script)', async () => {
    const env = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', DATABASE_URL: database.url, DATA_DIR: folder };
    const child = spawn('script', ['-qefc', `exec '${process.execPath}' '${MAIN}'`, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      let output = '';
      for await (const chunk of child.stdout) {
        output += String(chunk).replaceAll('\r', '');
        if (output.includes('/api-docs')) break;
      }
      expect(new Set(output.match(TOKEN)).size).toBe(2);
      expect(readdirSync(folder)).toEqual([]);
      const url = /ready at (http:\S+)/.exec(output)![1]!;
      const [link, secret] = LINK.exec(output)!;
      expect(link.startsWith(url)).toBe(true);
      // The link is what a person needs first.
      expect(output.indexOf(link)).toBeLessThan(output.search(TOKEN));
      expect(await signIn({ url }, secret!)).toMatchObject({
        tokenName: 'first admin token',
        scopes: ['read', 'admin'],
      });
      expect((await askSession({ url }, 'POST', secret)).status).toBe(401);
      expectAllAnswered(await paste(commandsIn(output)), 1);
    } finally {
      // Killing `script` also closes its terminal, which ends the server by SIGHUP.
      child.kill('SIGKILL');
    }
  });
});
