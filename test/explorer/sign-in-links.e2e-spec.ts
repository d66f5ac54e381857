import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ADMIN_TOKEN, createToken, getJson, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { administeringStatus, askSession, readingStatus, signIn } from '../support/sessions.js';

const run = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../..', process.env.DIST_DIR ?? 'dist', 'server/cli.js');

describe('links that sign in', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start();
  });

  /** Runs `tokens link` and returns the link. */
  async function makeLink(args: readonly string[] = [], settings: Record<string, string> = {}): Promise<URL> {
    const env = { PATH: process.env.PATH, DATABASE_URL: store.url, ...settings };
    const { stdout } = await run(process.execPath, [CLI, 'tokens', 'link', ...args], { env });
    return new URL(stdout.trim().split('\n').at(-1)!);
  }

  const refusal = (args: readonly string[], settings: Record<string, string> = {}) =>
    makeLink(args, settings).then(
      () => 'no error',
      ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr.split('\n')[0]}`,
    );

  const secretOf = ({ hash }: URL) => /^#\/signin\/(cml_[\w-]{43})$/.exec(hash)![1]!;

  const idOf = async (name: string) =>
    (await getJson<{ id: number; name: string }[]>(server, '/api/admin/tokens')).find((each) => each.name === name)!.id;

  test('work once, with all that the most powerful token may do in a session', async () => {
    const link = await makeLink();
    expect(link.href).toMatch(/^http:\/\/127\.0\.0\.1:3000\/explorer\/#\/signin\/cml_/);
    const session = await signIn(server, secretOf(link));
    expect([session.scopes, session.tokenName]).toEqual([['read', 'admin'], 'admin *:*']);
    expect([await readingStatus(server, session.secret), await administeringStatus(server, session.secret)]).toEqual([
      200, 200,
    ]);
    const again = await askSession(server, 'POST', secretOf(link));
    expect([again.status, await again.text()]).toEqual([401, expect.stringContaining('npm run tokens -- link')]);
  });

  test('work once, even if many ask at the same time', async () => {
    const secret = secretOf(await makeLink());
    const statuses = await Promise.all(Array.from({ length: 5 }, () => askSession(server, 'POST', secret)));
    expect(statuses.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test('are no tokens, and no longer work after a quarter of an hour', async () => {
    const secret = secretOf(await makeLink());
    expect([await readingStatus(server, secret), (await askSession(server, 'GET', secret)).status]).toEqual([401, 401]);
    const { rows } = await store.client.query<{ seconds: number }>(
      `UPDATE explorer_session SET expires_at = expires_at - interval '15 minutes' WHERE kind = 'sign_in'
       RETURNING extract(epoch FROM expires_at - now())::float8 AS seconds`,
    );
    expect(rows.every(({ seconds }) => seconds <= 0 && seconds > -60)).toBe(true);
    expect((await askSession(server, 'POST', secret)).status).toBe(401);
  });

  test('may belong to a chosen token, whose revocation ends both the link and its session', async () => {
    await createToken(server, { name: 'colleague', scopes: ['read'] });
    const id = String(await idOf('colleague'));
    const [used, unused] = [await makeLink(['--token', id]), await makeLink(['--token', id])];
    const session = await signIn(server, secretOf(used));
    expect([session.scopes, session.tokenName]).toEqual([['read'], 'colleague']);
    await fetch(`${server.url}/api/admin/tokens/${id}`, { method: 'DELETE', headers: { Authorization: ADMIN_TOKEN } });
    expect(await readingStatus(server, session.secret)).toBe(401);
    expect((await askSession(server, 'POST', secretOf(unused))).status).toBe(401);
    expect(await refusal(['--token', id])).toMatch(/^64 Token \d+ is not a token with the scope read or admin/);
  });

  test('start with the URL by which people reach the server', async () => {
    const start = (link: URL) => link.href.slice(0, link.href.indexOf('#'));
    expect(start(await makeLink(['--url', 'https://metrics.example.org/a/b/']))).toBe(
      'https://metrics.example.org/a/b/explorer/',
    );
    const settings = { PUBLIC_URL: 'https://public.example.org/', EXPLORER_PATH: 'look/here', PORT: '3100' };
    expect(start(await makeLink([], settings))).toBe('https://public.example.org/look/here/');
    expect(start(await makeLink([], { PORT: '3100' }))).toBe('http://127.0.0.1:3100/explorer/');
    expect(start(await makeLink([], { HOST: '::1', EXPLORER_PATH: 'look' }))).toBe('http://[::1]:3000/look/');
  });

  test('are refused with a reason', async () => {
    await createToken(server, { name: 'pusher', scopes: ['ingest'] });
    const pusher = String(await idOf('pusher'));
    expect(await refusal(['--token', pusher])).toMatch(/^64 Token \d+ is not/);
    expect(await refusal(['--token', '99999999999'])).toMatch(/^64 --token needs/);
    expect(await refusal(['--url', 'metrics.example.org'])).toMatch(/^64 --url needs/);
    expect(await refusal([], { PORT: '0' })).toMatch(/^64 PORT is 0, so link needs the --url/);
    expect(await refusal([], { EXPLORER: 'false' })).toMatch(/^64 The explorer is switched off/);
  });
});
