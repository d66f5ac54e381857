import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, INGEST_TOKEN, push, type TestServer } from '../support/server.js';
import { serviceBehindProxy } from '../support/service-behind-proxy.js';

const WAIT_MS = 2_000;

/** The time for which Postgres delays the first step. In the second step, Postgres is silent. */
const FIRST_STEP_MS = WAIT_MS * 0.7;

/** Maximum time for a held request on a busy machine. Two consecutive waits would take 3.4 seconds. */
const HELD_MS = WAIT_MS + 1_000;

/** The statements that commit samples, without and with an Idempotency-Key. */
const COMMITS = ['custom_metrics_append', 'sample_batch (writer_id, sequence, earliest_at'];

describe('a request that waits for Postgres more than once', () => {
  const service = serviceBehindProxy({
    STORE_WAIT_MS: String(WAIT_MS),
    PUSHGATEWAY_PATHS: 'true',
    COMPACTION_INTERVAL_SECONDS: '3600',
  });
  let server: TestServer;

  beforeAll(async () => {
    ({ server } = service);
    expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202);
  });

  afterEach(async () => {
    service.proxy.allowNew();
    await eventually(async () => expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202));
    // Tokens are read over other connections than those that write samples, and such a connection may still be silent.
    await eventually(async () => expect((await push(server, [], { Authorization: randomUUID() })).status).toBe(401));
  });

  /**
   * Sends a request whose first step waits for a lock on a table, and whose last step, usually a commit, is never answered. Returns
   * the milliseconds until the response.
   */
  async function heldFor(
    table: string,
    send: () => Promise<Response>,
    { whileLocked = async () => {}, lastStep = COMMITS } = {},
  ): Promise<number> {
    const { client, proxy } = service;
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    await whileLocked();
    const isCommitting = proxy.silenceNext(...lastStep).then(() => proxy.silence());
    const startedAt = performance.now();
    const answer = send();
    await sleep(FIRST_STEP_MS);
    await client.query('COMMIT');
    await isCommitting;
    expect((await answer).status).toBe(503);
    return performance.now() - startedAt;
  }

  async function addToken(secret: string, scope: string): Promise<void> {
    await service.client.query(`INSERT INTO api_token (name, token_hash, scopes) VALUES ('new', $1, $2)`, [
      createHash('sha256').update(secret).digest(),
      [scope],
    ]);
  }

  test('is held no longer than STORE_WAIT_MS for its new series and its commit', async () => {
    const send = () => push(server, [{ name: 'new_total', labels: { id: randomUUID() }, value: 1 }]);
    expect(await heldFor('series', send)).toBeLessThan(HELD_MS);
  });

  test('is held no longer for its declarations and its commit', async () => {
    const send = () => push(server, [{ name: 'known_total', value: 1, help: 'Known.' }]);
    expect(await heldFor('metric', send)).toBeLessThan(HELD_MS);
  });

  test('is held no longer for its Idempotency-Key and its commit', async () => {
    const send = () => push(server, [{ name: 'known_total', value: 1 }], { 'Idempotency-Key': randomUUID() });
    expect(await heldFor('ingest_receipt', send)).toBeLessThan(HELD_MS);
  });

  test('is held no longer for its token and its commit', async () => {
    const secret = `cmk_${randomUUID()}`;
    const send = () => push(server, [{ name: 'known_total', value: 1 }], { Authorization: secret });
    const whileLocked = () => addToken(secret, 'ingest');
    expect(await heldFor('api_token', send, { whileLocked })).toBeLessThan(HELD_MS);
  });

  test('is held no longer for its token and its administration', async () => {
    const secret = `cmk_${randomUUID()}`;
    const send = () => fetch(`${server.url}/api/admin/refusals`, { headers: { Authorization: secret } });
    const whileLocked = () => addToken(secret, 'admin');
    const lastStep = ['refusal.id DESC LIMIT'];
    expect(await heldFor('api_token', send, { whileLocked, lastStep })).toBeLessThan(HELD_MS);
  });

  test('is held no longer by a lock on samples that it has to read or delete, and is told so', async () => {
    const requests = [
      ['GET', '/api/history/samples?metric=known_total'],
      ['GET', '/api/v1/query?query=known_total'],
      ['DELETE', '/api/admin/metrics/known_total?dryRun=true'],
      ['DELETE', '/api/admin/metrics/known_total/samples?from=-1h&to=now&dryRun=true'],
    ] as const;
    const { client } = service;
    await client.query('BEGIN; LOCK TABLE sample_batch, sample_chunk IN ACCESS EXCLUSIVE MODE');
    const startedAt = performance.now();
    const answers = await Promise.all(
      requests.map(async ([method, target]) => {
        const answer = await fetch(server.url + target, { method, headers: { Authorization: ADMIN_TOKEN } });
        return [answer.status, answer.headers.has('retry-after'), await answer.text()];
      }),
    );
    const heldMs = performance.now() - startedAt;
    await client.query('COMMIT');
    expect(answers).toEqual(requests.map(() => [503, true, expect.stringContaining('has locked data')]));
    expect(heldMs).toBeLessThan(HELD_MS);
  });

  test.each([
    ['/api/history/samples?metric=known_total'],
    ['/api/v1/query?query=known_total'],
    ['/api/admin/tokens'],
    ['/api/admin/storage'],
  ])('is held no longer although no connection can be established: %s', async (target) => {
    service.proxy.silence();
    const startedAt = performance.now();
    const answer = await fetch(server.url + target, { headers: { Authorization: ADMIN_TOKEN } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(performance.now() - startedAt).toBeLessThan(HELD_MS);
  });

  test('is held no longer for its group and its commit', async () => {
    const send = () =>
      fetch(`${server.url}/metrics/job/batch`, {
        method: 'POST',
        headers: { Authorization: INGEST_TOKEN },
        body: 'known_total 1\n',
      });
    expect(await heldFor('push_group_series', send)).toBeLessThan(HELD_MS);
  });
});
