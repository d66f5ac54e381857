import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, push, type TestServer } from '../support/server.js';
import { serviceBehindProxy } from '../support/service-behind-proxy.js';

const WAIT_MS = 2_000;

/** The time for which Postgres delays the first step. In the second step, Postgres is silent. */
const FIRST_STEP_MS = WAIT_MS * 0.7;

/**
 * Maximum time for a held request. A fifth is the promised grace; the rest is for a busy machine. Two consecutive waits would
 * take 3.4 seconds.
 */
const HELD_MS = WAIT_MS * 1.2 + 900;

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
   * Sends a request whose first step waits for a lock on a table, and whose commit is never answered. Returns the milliseconds
   * until the response.
   */
  async function heldFor(table: string, send: () => Promise<Response>, whileLocked = async () => {}): Promise<number> {
    const { client, proxy } = service;
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    await whileLocked();
    const isCommitting = proxy.silenceNext(...COMMITS).then(() => proxy.silence());
    const startedAt = performance.now();
    const answer = send();
    await sleep(FIRST_STEP_MS);
    await client.query('COMMIT');
    await isCommitting;
    expect((await answer).status).toBe(503);
    return performance.now() - startedAt;
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
    const addToken = async () => {
      await service.client.query(`INSERT INTO api_token (name, token_hash, scopes) VALUES ('new', $1, '{ingest}')`, [
        createHash('sha256').update(secret).digest(),
      ]);
    };
    expect(await heldFor('api_token', send, addToken)).toBeLessThan(HELD_MS);
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
