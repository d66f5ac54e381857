import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import {
  ADMIN_TOKEN,
  INGEST_TOKEN,
  type Item,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A query string is what the short path leaves to Express; so is a compressed body. */
const WAYS = ['short', 'express', 'gzip'] as const;
type Way = (typeof WAYS)[number];

interface Push {
  readonly key?: string;
  readonly way?: Way;
  readonly token?: string;
  readonly prefer?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isReplay: boolean;
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TAKEN: Answer = { status: 202, text: '', isReplay: false };
const REPLAYED: Answer = { status: 202, text: '', isReplay: true };

const EXPIRED = 12_000;

async function send(server: TestServer, body: string, { key, way = 'short', token, prefer }: Push = {}) {
  const headers: Record<string, string> = {
    Authorization: token ?? INGEST_TOKEN,
    'Content-Type': 'application/json',
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    ...(prefer === undefined ? {} : { Prefer: prefer }),
    ...(way === 'gzip' ? { 'Content-Encoding': 'gzip' } : {}),
  };
  const response = await fetch(`${server.url}/api/client/metrics/custom${way === 'express' ? '?way=express' : ''}`, {
    method: 'POST',
    headers,
    body: way === 'gzip' ? gzipSync(body) : body,
  });
  const text = (await response.text()).replaceAll(ID, '<id>');
  return { status: response.status, text, isReplay: response.headers.get('idempotency-replayed') === 'true' };
}

const bodyOf = (...metrics: Item[]) => JSON.stringify({ metrics });
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);
const newOnes = (answers: readonly Answer[]) => answers.filter(({ status, isReplay }) => status === 202 && !isReplay);

describe('Idempotency-Key', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let servers: [TestServer, TestServer];
  /** One more, of a test. */
  let third: TestServer | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, created_at)
       SELECT 0, number::text, ''::bytea, now() - interval '25 hours' FROM generate_series(1, ${EXPIRED}) AS number
       UNION ALL SELECT 0, 'young', '', now() - interval '23 hours'`,
    );
    const start = () => startServer({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '5' });
    servers = [await start(), await start()];
  });

  afterEach(async () => {
    await third?.stop();
    third = undefined;
  });

  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()));
    await client?.end();
    await database?.drop();
  });

  async function stored(metric: string): Promise<number[]> {
    const { rows } = await client.query<{ value: number }>(
      'SELECT value FROM metric_sample WHERE metric = $1 ORDER BY value',
      [metric],
    );
    return rows.map(({ value }) => value);
  }

  async function receipts(key: string): Promise<number> {
    const { rows } = await client.query('SELECT 1 FROM ingest_receipt WHERE idempotency_key = $1', [key]);
    return rows.length;
  }

  test.each(WAYS)('%s: a replay is told so and stores nothing, on any process and after a restart', async (way) => {
    const key = `replay-${way}`;
    const body = bodyOf({ name: `replay_${way}_total`, value: 5 });
    expect(await send(servers[0], body, { key, way })).toEqual(TAKEN);
    expect(await send(servers[0], body, { key, way })).toEqual(REPLAYED);
    expect(await send(servers[1], body, { key, way })).toEqual(REPLAYED);
    third = await startServer({ DATABASE_URL: database.url });
    expect(await send(third, body, { key, way })).toEqual(REPLAYED);
    expect(await stored(`replay_${way}_total`)).toEqual([5]);
    expect(valueOn(await scrape(servers[0]), `replay_${way}_total`)).toBe(5);
  });

  test('the body is the same compressed or not, the key the same in quotes or not', async () => {
    const body = bodyOf({ name: 'same_total', value: 1 });
    const key = String.raw`a\b"c`;
    expect(await send(servers[0], body, { key })).toEqual(TAKEN);
    for (const way of WAYS) {
      expect(await send(servers[0], body, { key, way })).toEqual(REPLAYED);
      expect(await send(servers[0], body, { key: String.raw`"a\\b\"c"`, way })).toEqual(REPLAYED);
    }
    expect(await stored('same_total')).toEqual([1]);
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
    const { rows } = await client.query(`SELECT 1 FROM metric WHERE name = 'another_new_total'`);
    expect(rows).toEqual([]);
  });

  test('a body that does not fit the schema is that, whatever its key', async () => {
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

  test('the longest key is taken', async () => {
    for (const [index, key] of ['~'.repeat(255), `"${String.raw`\"`.repeat(255)}"`].entries()) {
      const body = bodyOf({ name: 'longest_total', value: index + 1 });
      expect(await send(servers[0], body, { key })).toEqual(TAKEN);
      expect(await send(servers[1], body, { key, way: 'express' })).toEqual(REPLAYED);
    }
    expect(await stored('longest_total')).toEqual([1, 2]);
  });

  test.each(WAYS)('%s: a batch that was taken in part is replayed with its report', async (way) => {
    const key = `partial-${way}`;
    const good = `partial_${way}_total`;
    const body = bodyOf(
      { name: good, value: 2 },
      { name: good, value: -1 },
      // Names that jsonb could not hold.
      { name: 'odd\0\ud800', value: 1, labels: { '': 'x' } },
      { name: 'up', value: 1 },
      { name: good, value: 3 },
    );
    const first = await send(servers[0], body, { key, way });
    expect(first).toMatchObject({ status: 202, isReplay: false });
    expect(JSON.parse(first.text)).toMatchObject({ accepted: 2, rejectedCount: 3 });
    for (const server of servers) expect(await send(server, body, { key, way })).toEqual({ ...first, isReplay: true });
    expect(await stored(good)).toEqual([2, 3]);
  });

  test('a replay is answered as the first time, also if its items would be refused by now', async () => {
    const key = 'refused-since';
    const body = bodyOf({ name: 'refused_since_total', value: 1, labels: { a: 1, b: 2 } });
    expect(await send(servers[0], body, { key })).toEqual(TAKEN);
    third = await startServer({ DATABASE_URL: database.url, SERIES_MAX_LABELS: '1' });
    expect((await send(third, body)).text).toContain('too_many_labels');
    for (const way of WAYS) expect(await send(third, body, { key, way })).toEqual(REPLAYED);
  });

  test('what stored nothing leaves the key free for a mended body', async () => {
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
    expect(await stored('mended_total')).toEqual([1]);
  });

  test('two tokens may use the same key', async () => {
    const created = await fetch(`${servers[0].url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'other', scopes: ['ingest'] }),
    });
    const other = (await created.json()) as { token: string };
    for (const [index, token] of [INGEST_TOKEN, other.token].entries()) {
      const body = bodyOf({ name: 'two_tokens_total', value: index + 1 });
      expect(await send(servers[0], body, { key: 'shared', token })).toEqual(TAKEN);
      expect(await send(servers[1], body, { key: 'shared', token })).toEqual(REPLAYED);
    }
    expect(await stored('two_tokens_total')).toEqual([1, 2]);
  });

  test('a key is forgotten after IDEMPOTENCY_RETENTION, and then as if it were new', async () => {
    const key = 'forgotten';
    const age = (hours: number) =>
      client.query(`UPDATE ingest_receipt SET created_at = now() - $2 * interval '1 hour' WHERE idempotency_key = $1`, [
        key,
        hours,
      ]);
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 1 }), { key })).toEqual(TAKEN);
    await age(23.9);
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 1 }), { key })).toEqual(REPLAYED);
    await age(24.1);
    expect(await send(servers[0], bodyOf({ name: 'forgotten_total', value: 2 }), { key })).toEqual(TAKEN);
    expect(await send(servers[1], bodyOf({ name: 'forgotten_total', value: 2 }), { key })).toEqual(REPLAYED);
    await age(24.1);
    // Somebody has the old receipt in hand: it is not there for the look, and is for the commit.
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM ingest_receipt WHERE idempotency_key = $1 FOR UPDATE', [key]);
    const waiting = send(servers[0], bodyOf({ name: 'forgotten_total', value: 3 }), { key });
    expect(await Promise.race([waiting, sleep(500, 'waits')])).toBe('waits');
    await client.query('COMMIT');
    expect(await waiting).toEqual(TAKEN);
    expect(await stored('forgotten_total')).toEqual([1, 2, 3]);
  });

  /** Pushes without a key until stopped, on all processes; returns how many were taken. */
  function pushMeanwhile(metric: string): () => Promise<number> {
    let isOver = false;
    let count = 0;
    const pushers = [...servers, ...servers].map(async (server) => {
      while (!isOver) {
        expect(await send(server, bodyOf({ name: metric, value: 1 }))).toEqual(TAKEN);
        count++;
      }
    });
    return async () => {
      isOver = true;
      await Promise.all(pushers);
      return count;
    };
  }

  test.each([
    ['one process', [0, 0, 0]],
    ['two processes', [0, 1, 0, 1]],
  ])('of many at once on %s one is stored and all are answered', async (title, targets) => {
    const metric = `at_once_${title.replaceAll(' ', '_')}_total`;
    const stop = pushMeanwhile(`load_${metric}`);
    const expected: number[] = [];
    for (let round = 0; round < 25; round++) {
      const keys = Array.from({ length: 12 }, (_, index) => round * 12 + index + 1);
      expected.push(...keys);
      const answers = await Promise.all(
        keys.map((value) =>
          Promise.all(
            targets.map((target, place) =>
              send(servers[target]!, bodyOf({ name: metric, value }), {
                key: `${metric}-${value}`,
                way: WAYS[(value + place) % WAYS.length],
              }),
            ),
          ),
        ),
      );
      for (const ofKey of answers) {
        expect(statusesOf(ofKey)).toEqual(targets.map(() => 202));
        expect(newOnes(ofKey)).toHaveLength(1);
      }
    }
    const load = await stop();
    expect(await stored(metric)).toEqual(expected);
    expect(await stored(`load_${metric}`)).toHaveLength(load);
    expect(load).toBeGreaterThan(25);
    const sum = expected.reduce((total, value) => total + value, 0);
    await eventually(async () => {
      for (const server of servers) {
        const page = await scrape(server);
        expect(valueOn(page, metric)).toBe(sum);
        expect(valueOn(page, `load_${metric}`)).toBe(load);
      }
    });
  });

  test.each([
    ['one process', [0, 0, 0, 0]],
    ['two processes', [0, 1, 1, 0]],
  ])('of two bodies at once on %s one is stored and the other refused', async (title, targets) => {
    const metric = `bodies_${title.replaceAll(' ', '_')}_total`;
    for (let round = 0; round < 60; round++) {
      const key = `${metric}-${round}`;
      const answers = await Promise.all(
        targets.map((target, place) =>
          send(servers[target]!, bodyOf({ name: metric, value: round * 2 + (place % 2) }), { key }),
        ),
      );
      expect(statusesOf(answers)).toEqual([202, 202, 422, 422]);
      expect(newOnes(answers)).toHaveLength(1);
    }
    const values = await stored(metric);
    expect(values.map((value) => Math.floor(value / 2))).toEqual(Array.from({ length: 60 }, (_, round) => round));
  });

  test("groups with many keys in opposite orders do not stand in each other's way", async () => {
    const metric = 'opposite_total';
    // Slow enough for the two to meet in the middle.
    await client.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';
      CREATE TRIGGER dawdle BEFORE INSERT ON ingest_receipt FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    expect((await send(servers[0], bodyOf({ name: metric, value: -1, temporality: 'cumulative' }))).text).toBe('');
    for (let round = 0; round < 3; round++) {
      const values = Array.from({ length: 40 }, (_, index) => round * 40 + index);
      // While the first commit waits, the rest gathers in one group on each process.
      await client.query('BEGIN; LOCK TABLE sample_batch IN SHARE MODE');
      const sent = [values, values.toReversed()].flatMap((order, target) =>
        order.map((value) =>
          send(servers[target]!, bodyOf({ name: metric, value, temporality: 'cumulative' }), {
            key: `opposite-${value}`,
          }),
        ),
      );
      await sleep(500);
      await client.query('COMMIT');
      expect(newOnes(await Promise.all(sent))).toHaveLength(values.length);
    }
    expect(await stored(metric)).toEqual(Array.from({ length: 121 }, (_, index) => index - 1));
    await client.query('DROP TRIGGER dawdle ON ingest_receipt');
    for (const server of servers) expect(server.output()).not.toContain('deadlock');
  });

  test('receipts past their time are removed, and no others', async () => {
    const left = async () => {
      const { rows } = await client.query<{ idempotency_key: string }>(
        'SELECT idempotency_key FROM ingest_receipt WHERE token_id = 0',
      );
      return rows.length === 1 ? rows : rows.length;
    };
    for (let second = 0; second < 150 && typeof (await left()) === 'number'; second++) await sleep(1_000);
    expect(await left()).toEqual([{ idempotency_key: 'young' }]);
  });
});
