import type pg from 'pg';
import { bodyOf, REPLAYED, send, storedValues, TAKEN, WAYS } from '../support/keyed-push.js';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, scrape, type TestServer, valueOn, createToken } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** More receipts than the sweeper removes in one statement. */
const EXPIRED = 12_000;

/** The sweeper runs ten seconds after the start, and then once a minute. */
const SWEEP = { limitMs: 150_000, intervalMs: 1_000 };

/** Counts the commits that try to write a receipt from now on. A sequence also counts those that fail. */
async function countCommits(client: pg.Client): Promise<void> {
  await client.query(`
    CREATE SEQUENCE tries MINVALUE 0;
    CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''tries''); RETURN NEW; END';
    CREATE TRIGGER count_try BEFORE INSERT ON ingest_receipt FOR EACH ROW EXECUTE FUNCTION count_try()`);
}

async function commits(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ last_value: string }>('SELECT last_value FROM tries');
  return Number(rows[0]!.last_value);
}

describe('Idempotency-Key', () => {
  const store = storeUnderTest('all');
  let servers: [TestServer, TestServer];

  beforeAll(async () => {
    await store.client.query(
      `INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, created_at)
       SELECT 0, number::text, ''::bytea, now() - interval '25 hours' FROM generate_series(1, ${EXPIRED}) AS number
       UNION ALL SELECT 0, 'young', '', now() - interval '23 hours'`,
    );
    const settings = { DATABASE_POOL_SIZE: '5' };
    servers = [await store.start(settings), await store.start(settings)];
  });

  async function receipts(key: string): Promise<number> {
    const { rows } = await store.client.query('SELECT 1 FROM ingest_receipt WHERE idempotency_key = $1', [key]);
    return rows.length;
  }

  test('a replay is marked as one and stores nothing, on any process and after a restart', async () => {
    const pushes = WAYS.map((way) => ({
      name: `replay_${way}_total`,
      body: bodyOf({ name: `replay_${way}_total`, value: 5 }),
      options: { key: `replay-${way}`, way },
    }));
    for (const { body, options } of pushes) {
      expect(await send(servers[0], body, options)).toEqual(TAKEN);
      expect(await send(servers[0], body, options)).toEqual(REPLAYED);
      expect(await send(servers[1], body, options)).toEqual(REPLAYED);
    }
    const third = await store.start();
    for (const { body, options } of pushes) expect(await send(third, body, options)).toEqual(REPLAYED);
    await third.stop();
    for (const { name } of pushes) {
      expect(await storedValues(store.client, name)).toEqual([5]);
      expect(valueOn(await scrape(servers[0]), name)).toBe(5);
    }
  });

  test('the body is the same compressed or not, the key the same in quotes or not', async () => {
    const body = bodyOf({ name: 'same_total', value: 1 });
    const key = String.raw`a\b"c`;
    expect(await send(servers[0], body, { key })).toEqual(TAKEN);
    for (const way of WAYS) {
      expect(await send(servers[0], body, { key, way })).toEqual(REPLAYED);
      expect(await send(servers[0], body, { key: String.raw`"a\\b\"c"`, way })).toEqual(REPLAYED);
    }
    expect(await storedValues(store.client, 'same_total')).toEqual([1]);
  });

  test('another body under the same key is refused, and makes no series', async () => {
    const key = 'another-body';
    expect(await send(servers[0], bodyOf({ name: 'another_total', value: 1 }), { key })).toEqual(TAKEN);
    const other = bodyOf({ name: 'another_new_total', value: 1 });
    const answers = await Promise.all(
      WAYS.flatMap((way) => servers.map((server) => send(server, other, { key, way }))),
    );
    for (const answer of answers) {
      expect(answer).toEqual(answers[0]);
      expect(answer.status).toBe(422);
    }
    const refusal = JSON.parse(answers[0]!.text) as Record<string, unknown>;
    expect(refusal).toEqual({
      id: '<id>',
      name: 'IdempotencyKeyReusedError',
      message: expect.stringContaining('another-body belongs to an earlier request of this token with another body'),
      details: [{ path: '/headers/idempotency-key', message: refusal.message }],
    });
    const { rows } = await store.client.query(`SELECT 1 FROM metric WHERE name = 'another_new_total'`);
    expect(rows).toEqual([]);
  });

  test('a body that does not fit the schema is refused for that reason, whatever its key', async () => {
    const key = 'misfit';
    expect(await send(servers[0], bodyOf({ name: 'misfit_total', value: 1 }), { key })).toEqual(TAKEN);
    for (const body of ['{"metrics":[{"name":"misfit_total"}]}', '{"metrics":', 'null', '{}']) {
      const answers = await Promise.all(WAYS.map((way) => send(servers[0], body, { key, way })));
      expect(answers).toEqual(WAYS.map(() => ({ ...answers[0]!, status: 400 })));
    }
  });

  test.each([
    ['nothing', ''],
    ['256 characters', 'x'.repeat(256)],
    ['257 characters in quotes', `"${'x'.repeat(257)}"`],
    ['a space', 'a b'],
    ['a space in quotes', '"a b"'],
    ['a letter beyond ASCII', 'k\u00e9y'],
    ['a quote too few', '"abc'],
    ['a quote too many', '"abc""'],
    ['nothing in quotes', '""'],
    ['an open escape', String.raw`"abc\"`],
    ['an unknown escape', String.raw`"a\bc"`],
  ])('a key of %s is refused before the body is looked at, on every way', async (_title, key) => {
    const answers = await Promise.all(WAYS.map((way) => send(servers[0], '{no json', { key, way })));
    expect(answers).toEqual(WAYS.map(() => answers[0]));
    expect(answers[0]!.status).toBe(400);
    expect(JSON.parse(answers[0]!.text)).toMatchObject({
      name: 'BadDataError',
      details: [{ path: '/headers/idempotency-key', message: expect.stringContaining('1 to 255 visible ASCII') }],
    });
  });

  test('the longest key is accepted', async () => {
    for (const [index, key] of ['~'.repeat(255), `"${String.raw`\"`.repeat(255)}"`].entries()) {
      const body = bodyOf({ name: 'longest_total', value: index + 1 });
      expect(await send(servers[0], body, { key })).toEqual(TAKEN);
      expect(await send(servers[1], body, { key, way: 'express' })).toEqual(REPLAYED);
    }
    expect(await storedValues(store.client, 'longest_total')).toEqual([1, 2]);
  });

  test.each(WAYS)('%s: a batch that was accepted in part is replayed with its report', async (way) => {
    const key = `partial-${way}`;
    const good = `partial_${way}_total`;
    const body = bodyOf(
      { name: good, value: 2 },
      { name: good, value: -1 },
      // `jsonb` can't hold these names.
      { name: 'odd\0\ud800', value: 1, labels: { '': 'x' } },
      { name: 'up', value: 1 },
      { name: good, value: 3 },
    );
    const first = await send(servers[0], body, { key, way });
    expect(first).toMatchObject({ status: 202, isReplay: false });
    expect(JSON.parse(first.text)).toMatchObject({ accepted: 2, rejectedCount: 3 });
    for (const server of servers) expect(await send(server, body, { key, way })).toEqual({ ...first, isReplay: true });
    expect(await storedValues(store.client, good)).toEqual([2, 3]);
  });

  test('a replay gets the first answer again, even if its items would be refused by now', async () => {
    const key = 'refused-since';
    const body = bodyOf({ name: 'refused_since_total', value: 1, labels: { a: 1, b: 2 } });
    expect(await send(servers[0], body, { key })).toEqual(TAKEN);
    const third = await store.start({ SERIES_MAX_LABELS: '1' });
    expect((await send(third, body)).text).toContain('too_many_labels');
    for (const way of WAYS) expect(await send(third, body, { key, way })).toEqual(REPLAYED);
    await third.stop();
  });

  test('a request that stored nothing leaves the key free for a corrected body', async () => {
    const bad = bodyOf({ name: 'mended_total', value: 1 }, { name: 'mended_total', value: -1 });
    const good = bodyOf({ name: 'mended_total', value: 1 });
    const strict = { key: 'mended', prefer: 'handling=strict' };
    for (let time = 0; time < 2; time++) expect((await send(servers[0], bad, strict)).status).toBe(400);
    expect((await send(servers[0], bodyOf({ name: 'up', value: 1 }), strict)).status).toBe(400);
    const nothing = await send(servers[0], bodyOf({ name: 'up', value: 1 }), { key: 'mended' });
    expect(nothing).toMatchObject({ status: 202, isReplay: false, text: expect.stringContaining('reserved_name') });
    expect(await send(servers[0], bodyOf(), { key: 'mended' })).toEqual(TAKEN);
    expect(await receipts('mended')).toBe(0);
    expect(await send(servers[0], good, strict)).toEqual(TAKEN);
    expect(await send(servers[0], good, strict)).toEqual(REPLAYED);
    expect(await storedValues(store.client, 'mended_total')).toEqual([1]);
  });

  test('two tokens may use the same key', async () => {
    const other = await createToken(servers[0], { name: 'other' });
    for (const [index, token] of [INGEST_TOKEN, other].entries()) {
      const body = bodyOf({ name: 'two_tokens_total', value: index + 1 });
      expect(await send(servers[0], body, { key: 'shared', token })).toEqual(TAKEN);
      expect(await send(servers[1], body, { key: 'shared', token })).toEqual(REPLAYED);
    }
    expect(await storedValues(store.client, 'two_tokens_total')).toEqual([1, 2]);
  });

  test('a key is forgotten after IDEMPOTENCY_RETENTION, and is then like a new one', async () => {
    const key = 'forgotten';
    const age = (hours: number) =>
      store.client.query(
        `UPDATE ingest_receipt SET created_at = now() - $2 * interval '1 hour' WHERE idempotency_key = $1`,
        [key, hours],
      );
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 1 }), { key })).toEqual(TAKEN);
    await age(23.9);
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 1 }), { key })).toEqual(REPLAYED);
    await age(24.1);
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 2 }), { key })).toEqual(TAKEN);
    expect(await send(servers[1], bodyOf({ name: 'forgotten_total', value: 2 }), { key })).toEqual(REPLAYED);
    await age(24.1);
    // Another transaction has locked the expired receipt: the first lookup skips the receipt, and every commit waits for
    // the lock.
    await countCommits(store.client);
    await store.client.query('BEGIN');
    await store.client.query('SELECT 1 FROM ingest_receipt WHERE idempotency_key = $1 FOR UPDATE', [key]);
    const waiting = send(servers[0], bodyOf({ name: 'forgotten_total', value: 3 }), { key });
    await eventually(async () => expect(await commits(store.client)).toBeGreaterThanOrEqual(2));
    await store.client.query('COMMIT');
    expect(await waiting).toEqual(TAKEN);
    expect(await storedValues(store.client, 'forgotten_total')).toEqual([1, 2, 3]);
  });

  test('only expired receipts are removed', async () => {
    // It may take a while until the sweeper runs.
    await eventually(async () => {
      const { rows } = await store.client.query(
        'SELECT idempotency_key FROM ingest_receipt WHERE token_id = 0 LIMIT 2',
      );
      expect(rows).toEqual([{ idempotency_key: 'young' }]);
    }, SWEEP);
  });
});
