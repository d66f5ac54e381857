import pg from 'pg';
import { eventually } from '../support/eventually.js';
import {
  ADMIN_TOKEN,
  createToken,
  getJson,
  INGEST_TOKEN,
  push,
  startServer,
  type TestServer,
} from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { administeringStatus, askSession, type OpenedSession, readingStatus, signIn } from '../support/sessions.js';

interface ListedToken {
  readonly id: number;
  readonly name: string;
  readonly lastUsedAt: string | null;
}

const HOURS_12 = 12 * 3_600_000;

/** A revocation takes effect everywhere within a second. The rest is for a slow machine. */
const WITHIN_A_SECOND = { limitMs: 1_500 };

describe('sessions', () => {
  const store = storeUnderTest('all');
  let server: TestServer;
  let peer: TestServer;

  beforeAll(async () => {
    [server, peer] = await Promise.all([
      store.start({ SESSION_MAX_PER_TOKEN: '3' }),
      store.start({ SESSION_MAX_PER_TOKEN: '3' }),
    ]);
  });

  const tokens = () => getJson<ListedToken[]>(server, '/api/admin/tokens');
  const idOf = async (name: string) => (await tokens()).find((token) => token.name === name)!.id;
  const revoke = async (name: string) =>
    fetch(`${server.url}/api/admin/tokens/${await idOf(name)}`, {
      method: 'DELETE',
      headers: { Authorization: ADMIN_TOKEN },
    });
  const sessionRows = async () =>
    (await store.client.query<{ count: number }>(`SELECT count(*)::int FROM explorer_session`)).rows[0]!.count;

  it('take over the scopes read and admin of their token for twelve hours, and tell what a page needs', async () => {
    const opened = await signIn(server, ADMIN_TOKEN);
    const { secret, expiresAt, serverTime, ...rest } = opened;
    expect(secret).toMatch(/^cms_[\w-]{43}$/);
    expect(rest).toEqual({
      scopes: ['read', 'admin'],
      tokenName: 'admin *:*',
      signedInBy: 'session',
      version: '0.1.0',
      retentionDays: 90,
      routes: ['push', 'unleash', 'otlp', 'remoteWrite', 'pushgateway', 'exposition', 'history', 'promql', 'admin'],
    });
    expect(Math.abs(Date.parse(serverTime) - Date.now())).toBeLessThan(10_000);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - HOURS_12)).toBeLessThan(10_000);
    for (const each of [server, peer]) {
      const shown = (await (await askSession(each, 'GET', secret)).json()) as OpenedSession;
      expect(shown).toEqual({ ...rest, expiresAt, serverTime: expect.any(String) });
      expect([await readingStatus(each, secret), await administeringStatus(each, secret)]).toEqual([200, 200]);
    }
  });

  it('of a token that only reads can only read, and none can push or scrape', async () => {
    const reader = await signIn(server, await createToken(server, { name: 'reader', scopes: ['read', 'scrape'] }));
    expect(reader.scopes).toEqual(['read']);
    expect([await readingStatus(server, reader.secret), await administeringStatus(server, reader.secret)]).toEqual([
      200, 403,
    ]);
    const both = await createToken(server, { name: 'both', scopes: ['ingest', 'read', 'admin'] });
    const { secret, scopes } = await signIn(server, both);
    expect(scopes).toEqual(['read', 'admin']);
    const pushed = await push(server, [{ name: 'pushed_total', value: 1 }], { Authorization: secret });
    expect(pushed.status).toBe(403);
  });

  it('are not opened by a token that only pushes, by a session, or without a token', async () => {
    const pusher = await askSession(server, 'POST', INGEST_TOKEN);
    expect([pusher.status, await pusher.text()]).toEqual([403, expect.stringContaining('scope read or admin')]);
    const session = await askSession(server, 'POST', (await signIn(server, ADMIN_TOKEN)).secret);
    expect([session.status, await session.text()]).toEqual([403, expect.stringContaining('sign in with a token')]);
    expect((await askSession(server, 'POST', undefined)).status).toBe(401);
    expect((await askSession(server, 'GET', undefined)).status).toBe(401);
    expect((await askSession(server, 'DELETE', undefined)).status).toBe(401);
  });

  it('end by signing out, in every process and without affecting another session', async () => {
    const token = await createToken(server, { name: 'leaving', scopes: ['read'] });
    const [mine, other] = [await signIn(server, token), await signIn(peer, token)];
    expect(await readingStatus(peer, mine.secret)).toBe(200);
    expect((await askSession(server, 'DELETE', mine.secret)).status).toBe(204);
    expect(await readingStatus(server, mine.secret)).toBe(401);
    await eventually(async () => expect(await readingStatus(peer, mine.secret)).toBe(401), WITHIN_A_SECOND);
    expect([await readingStatus(server, other.secret), await readingStatus(server, token)]).toEqual([200, 200]);
    const again = await askSession(server, 'DELETE', mine.secret);
    expect(again.status).toBe(401);
    const noSession = await askSession(server, 'DELETE', token);
    expect([noSession.status, await noSession.text()]).toEqual([403, expect.stringContaining('no session')]);
  });

  it('end within a second when their token is revoked', async () => {
    const token = await createToken(server, { name: 'parent', scopes: ['read', 'admin'] });
    const { secret } = await signIn(peer, token);
    expect(await readingStatus(server, secret)).toBe(200);
    expect((await revoke('parent')).status).toBe(204);
    expect(await readingStatus(server, secret)).toBe(401);
    await eventually(async () => expect(await readingStatus(peer, secret)).toBe(401), WITHIN_A_SECOND);
    expect((await askSession(server, 'POST', token)).status).toBe(401);
  });

  it('end when a process of an older version revokes their token', async () => {
    const token = await createToken(server, { name: 'revoked by SQL', scopes: ['read'] });
    const { secret } = await signIn(server, token);
    await store.client.query(`UPDATE api_token SET revoked_at = now() WHERE name = 'revoked by SQL'`);
    await eventually(async () => expect(await readingStatus(server, secret)).toBe(401), WITHIN_A_SECOND);
  });

  it('end with their token at the latest', async () => {
    const expires = new Date(Date.now() + 2_500).toISOString();
    const token = await createToken(server, { name: 'short', scopes: ['read'], expiresAt: expires });
    const session = await signIn(server, token);
    expect(session.expiresAt).toBe(expires);
    expect(await readingStatus(server, session.secret)).toBe(200);
    await eventually(async () => expect(await readingStatus(server, session.secret)).toBe(401), { limitMs: 5_000 });
  });

  it('are limited for each token: a further one ends the oldest', async () => {
    const token = await createToken(server, { name: 'many', scopes: ['read'] });
    const opened: OpenedSession[] = [];
    for (let each = 0; each < 5; each++) opened.push(await signIn(server, token));
    const statuses = await Promise.all(opened.map(({ secret }) => readingStatus(server, secret)));
    expect(statuses).toEqual([401, 401, 200, 200, 200]);
  });

  it('do not appear among the tokens', async () => {
    const before = await tokens();
    const token = await createToken(server, { name: 'used by a page', scopes: ['read'] });
    const { secret } = await signIn(server, token);
    await readingStatus(server, secret);
    const after = await tokens();
    expect(after.map(({ name }) => name)).toEqual([...before.map(({ name }) => name), 'used by a page']);
    expect(Object.keys(after.at(-1)!)).toEqual([
      'id',
      'name',
      'scopes',
      'labels',
      'defaultTemporality',
      'createdAt',
      'expiresAt',
      'revokedAt',
      'lastUsedAt',
      'seriesCount',
      'samplesAccepted',
      'samplesRefused',
      'countedSince',
    ]);
  });

  it('are no rows of the table of tokens, where a process of an older version would take them for tokens', async () => {
    const { secret } = await signIn(server, ADMIN_TOKEN);
    const rowsIn = async (table: string, column: string) =>
      (await store.client.query(`SELECT FROM ${table} WHERE ${column} = sha256($1::bytea)`, [Buffer.from(secret)]))
        .rowCount;
    expect([await rowsIn('explorer_session', 'secret_hash'), await rowsIn('api_token', 'token_hash')]).toEqual([1, 0]);
  });

  it('that create and revoke a token are logged like a token that does', async () => {
    const secret = await createToken(server, { name: 'office', scopes: ['admin'] });
    const office = `token ${await idOf('office')} "office"`;
    const change = async (authorization: string, name: string) => {
      const headers = { Authorization: authorization, 'Content-Type': 'application/json' };
      const body = JSON.stringify({ name, scopes: ['ingest', 'read'] });
      await fetch(`${server.url}/api/admin/tokens`, { method: 'POST', headers, body });
      const id = await idOf(name);
      await fetch(`${server.url}/api/admin/tokens/${id}`, { method: 'DELETE', headers });
      return id;
    };
    const messages = () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => (JSON.parse(line) as { message: string }).message);
    for (const [authorization, by] of [
      [secret, office],
      [(await signIn(server, secret)).secret, `a session of ${office}`],
    ] as const) {
      const id = await change(authorization, `by ${by}`);
      const created = `Created token ${id} ${JSON.stringify(`by ${by}`)} with the scopes ingest, read, by ${by}.`;
      await eventually(() =>
        expect(messages()).toEqual(expect.arrayContaining([created, `Revoked token ${id}, by ${by}.`])),
      );
    }
  });

  it('can be removed without a process taking its database for another one', async () => {
    await store.client.query(`DELETE FROM explorer_session`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (const each of [server, peer]) {
      expect(await readingStatus(each, ADMIN_TOKEN)).toBe(200);
      expect(each.output()).not.toContain('another database');
    }
  });

  it('are removed from the table after their end', async () => {
    await signIn(server, ADMIN_TOKEN);
    await store.client.query(`UPDATE explorer_session SET expires_at = now() - interval '1 second'`);
    const fresh = await startServer({ DATABASE_URL: store.url });
    try {
      // The first sweep of a process comes after ten seconds.
      await eventually(async () => expect(await sessionRows()).toBe(0), { limitMs: 30_000 });
    } finally {
      await fresh.stop();
    }
  });

  it('leave no secret in the log, and only a hash in the table', async () => {
    const { secret } = await signIn(server, ADMIN_TOKEN);
    await fetch(`${server.url}/api/history/metrics?search=${secret}`, { headers: { Authorization: secret } });
    await fetch(`${server.url}/no/such/${secret}`);
    const { rows } = await store.client.query<{ text: string }>(
      'SELECT api_token::text AS text FROM api_token UNION ALL SELECT explorer_session::text FROM explorer_session',
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const text of [server.output(), ...rows.map((row) => row.text)]) expect(text).not.toContain(secret.slice(4));
  });
});

describe('attempts to sign in', () => {
  const store = storeUnderTest('all');

  it('with a wrong token are answered 429 after ten in a minute, and a good one always works', async () => {
    const server = await store.start();
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess++) {
      statuses.push(
        (await askSession(server, 'POST', guess % 2 === 0 ? `guess-${guess}` : `cml_guess-${guess}`)).status,
      );
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const refused = await askSession(server, 'POST', 'guess');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toContain('SESSION_FAILURES_PER_MINUTE');
    expect((await signIn(server, ADMIN_TOKEN)).scopes).toEqual(['read', 'admin']);
    expect(await readingStatus(server, 'a wrong token elsewhere has a limit of its own')).toBe(401);
  });

  it('are answered 503 while Postgres is unavailable, and a session that is open goes on', async () => {
    const admin = new pg.Client({ connectionString: store.url });
    await admin.connect();
    const server = await store.start({ STORE_WAIT_MS: '200' });
    const { secret } = await signIn(server, ADMIN_TOKEN);
    await admin.query('BEGIN; LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE');
    try {
      const refused = await askSession(server, 'POST', ADMIN_TOKEN);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
      expect((await askSession(server, 'GET', secret)).status).toBe(200);
    } finally {
      await admin.query('ROLLBACK');
      await admin.end();
    }
    expect((await signIn(server, ADMIN_TOKEN)).signedInBy).toBe('session');
  });
});
