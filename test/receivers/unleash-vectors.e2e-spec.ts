import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ExposedSample, parseExposition, seriesKey } from '../support/exposition-parser.js';
import { type Answer, type RecordedRequest, sendRecorded } from '../support/recorded-request.js';
import { ADMIN_TOKEN, INGEST_TOKEN, push, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Recorded requests to Unleash's custom metrics endpoint, with the answers of its servers. */
const VECTORS_FILE = path.resolve(import.meta.dirname, '../../../shared/conformance/unleash-vectors.json');

interface Vector {
  readonly id: string;
  /** The server that gave the answer: with tokens, with AUTH_TYPE=none, or with a limit of 5 requests a minute. */
  readonly oracle: 'tok' | 'none' | 'rl';
  /**
   * `match` means that we answer the same, `improve` that Unleash's answer was harmful, and `incidental` that no client depends
   * on it.
   */
  readonly verdict: 'match' | 'improve' | 'incidental';
  readonly request: RecordedRequest;
  readonly response: { readonly status: number; readonly body: string };
  readonly after: { readonly exposition?: string };
}

interface OtherAnswer {
  readonly status: number;
  readonly because: string;
}

const LARGER_BODIES = {
  status: 202,
  because: 'INGEST_MAX_BODY_BYTES is 5 MiB by default, so that large batches are not lost',
};
const DOUBLES = {
  status: 202,
  because: 'past 2^53 is legal in Prometheus: refusing it silences an SDK for the lifetime of its process',
};
const NOT_A_NUMBER_TEXT = { status: 400, because: 'blanks, booleans and hex text are not turned into numbers' };

const ANY_CHARSET = { status: 202, because: 'the charset of JSON has no effect (RFC 8259)' };

/** The cases in which our status differs from that of Unleash. */
const OTHER_ANSWERS: Readonly<Record<string, OtherAnswer>> = {
  'size-200k': LARGER_BODIES,
  'size-5M': LARGER_BODIES,
  'size-chunked-over': LARGER_BODIES,

  'value-1e20': DOUBLES,
  'value-1e21': DOUBLES,
  'value-1e300': DOUBLES,
  'value-unsafe-float': DOUBLES,
  'value-string-hex': NOT_A_NUMBER_TEXT,
  'value-string-space': NOT_A_NUMBER_TEXT,
  'value-true': NOT_A_NUMBER_TEXT,
  'value-false': NOT_A_NUMBER_TEXT,

  'none-empty-token': { status: 401, because: 'AUTH_TYPE=none is not offered' },
  'none-invalid': { status: 401, because: 'AUTH_TYPE=none is not offered, and the token is checked before the body' },
  'auth-none-bad-encoding': { status: 401, because: 'the token is checked before the encoding of the body' },
  'path-uppercase-api': { status: 202, because: 'the case of a path says nothing about the token' },
  'path-uppercase-client-admin': { status: 403, because: 'an admin token does not push, as in Unleash 8' },

  'rl-10-other-token': { status: 202, because: 'the limit is per token: two apps behind one address do not share it' },
  'rl-11-xff': { status: 429, because: 'the limit is per token: a made-up X-Forwarded-For does not evade it' },
  'rl-12-client-metrics': { status: 429, because: 'the limit is per token, whatever the token pushes' },

  'ct-json-charset-latin1': ANY_CHARSET,
  'ct-json-charset-utf16-with-utf8-bytes': ANY_CHARSET,
  'env-invalid-utf8': { status: 400, because: 'with replacement characters, different labels would become one series' },
  'enc-x-gzip': { status: 202, because: 'x-gzip is another name of gzip (RFC 9110)' },
  'raw-absolute-form': { status: 202, because: 'a server has to accept the whole URL as its target (RFC 9112)' },

  'method-OPTIONS': { status: 404, because: 'every other method is 404; nobody asks, as there is no CORS' },
};

const TOO_LONG = 'longer than the limits allow: 202, and the answer says so';

/** The cases in which Unleash's exposition had something that ours does not have. */
const NOT_EXPOSED: Readonly<Record<string, string>> = {
  'name-10k': TOO_LONG,
  'name-256': TOO_LONG,
  'labels-value-10k': TOO_LONG,
  'labels-key-proto': 'label names that start with __ are refused: 202, and the answer says so',
  'value-null': 'not a number, and not the 0 that Unleash shows: 202, and the answer says so',
  'name-space': 'has no legal character: 202, and the answer says so',
  'seq-post-6-empty': 'shows a sample of a request that is not among the vectors',
};

/** The cases in which our error describes the same problem differently, with the reasons. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'labels-value-object': 'the path is that of the labels, not of the one label',
  'labels-value-array': 'the path is that of the labels, not of the one label',
};

const PROD_TOKEN = `test:production.${'c'.repeat(56)}`;
/** With a limit, each way has its own tokens, because the limit is per token. */
const OTHER_CLIENT_TOKEN = `test:development.${'d'.repeat(56)}`;
const OTHER_PROD_TOKEN = `test:production.${'e'.repeat(56)}`;

/** In this configuration, a push of plain JSON takes the short path, and one with a query string goes through Express. */
const WAYS = { short: '', express: '?way=express' } as const;
type Way = keyof typeof WAYS;

const isThere = existsSync(VECTORS_FILE);
const vectors: Vector[] = isThere ? (JSON.parse(readFileSync(VECTORS_FILE, 'utf8')) as Vector[]) : [];
const vectorsOf = (...oracles: Vector['oracle'][]) => vectors.filter(({ oracle }) => oracles.includes(oracle));

function expectedStatus({ id, response }: Vector): number {
  return OTHER_ANSWERS[id]?.status ?? response.status;
}

/** Returns the body without the parts that differ from answer to answer. */
function bodyOf({ body }: Answer): string {
  return body.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>').replaceAll(WAYS.express, '');
}

interface ErrorBody {
  readonly name?: string;
  readonly message?: string;
  readonly details?: readonly { readonly path?: string }[];
}

const FIXED_MESSAGES = new Set(['BadDataError', 'ContentTypeError']);

/**
 * Returns the parts of an error's body that a client can rely on. A message without a name often comes from V8, and differs
 * between versions.
 */
function shapeOf(text: string): object {
  const body = JSON.parse(text) as ErrorBody;
  return {
    keys: Object.keys(body).toSorted(),
    name: body.name,
    message: FIXED_MESSAGES.has(body.name ?? '') ? body.message : undefined,
    path: body.details?.[0]?.path,
  };
}

const describeVectors = isThere ? describe : describe.skip;

describeVectors(isThere ? 'Unleash vectors' : `Unleash vectors (skipped: no ${VECTORS_FILE})`, () => {
  let databases: TestDatabase[] = [];
  let servers: Record<'plain' | 'limited', TestServer>;
  const secrets = new Map<string, string>();
  /** The number of 202 answers, which ensures that the tests below can't pass with an empty exposition. */
  let accepted = 0;

  function fill(text: string): string {
    return text.replaceAll(/\{\{([A-Z_|a-z]+)\}\}/g, (placeholder, name: string) => {
      const secret = secrets.get(name);
      if (secret === undefined) throw new Error(`What is ${placeholder}?`);
      return secret;
    });
  }

  async function createToken(token: object): Promise<string> {
    const response = await fetch(`${servers.plain.url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify(token),
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { token: string }).token;
  }

  beforeAll(async () => {
    databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const start = (index: number, limit: string) =>
      startServer({
        DATABASE_URL: databases[index]!.url,
        COUNTER_TEMPORALITY: 'cumulative',
        INIT_BACKEND_API_TOKENS: [INGEST_TOKEN, PROD_TOKEN, OTHER_CLIENT_TOKEN, OTHER_PROD_TOKEN].join(','),
        INGEST_RATE_LIMIT_PER_MINUTE: limit,
      });
    const [plain, limited] = await Promise.all([start(0, '0'), start(1, '5')]);
    servers = { plain, limited };
    secrets.set('CLIENT_TOKEN', INGEST_TOKEN);
    secrets.set('CLIENT_TOKEN|prefix', INGEST_TOKEN.slice(0, -1));
    secrets.set('CLIENT_TOKEN_PROD', PROD_TOKEN);
    secrets.set('ADMIN_TOKEN', ADMIN_TOKEN);
    secrets.set('FRONTEND_TOKEN', await createToken({ name: 'dashboard', scopes: ['read'] }));
    secrets.set(
      'EXPIRED_TOKEN',
      await createToken({ name: 'old', scopes: ['ingest'], expiresAt: '2020-01-01T00:00:00Z' }),
    );
    secrets.set('SESSION_COOKIE', 'unleash-session=s%3A0123456789');
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
    await Promise.all(databases.map((database) => database.drop()));
  });

  /** Sends a request, checks the properties that every answer must have, and returns the answer. */
  async function send(vector: Vector, server: TestServer, way: Way): Promise<Answer> {
    const answer = await sendRecorded(server.url, vector.request, fill, WAYS[way]);
    expect({ way, status: answer.status }).toEqual({ way, status: expectedStatus(vector) });
    if (answer.status === 202) accepted++;
    const isSameError = answer.status === vector.response.status && answer.status >= 400 && answer.body !== '';
    if (
      isSameError &&
      vector.verdict === 'match' &&
      vector.response.body.startsWith('{') &&
      !(vector.id in OTHER_WORDS)
    ) {
      expect(shapeOf(answer.body)).toEqual(shapeOf(vector.response.body));
    }
    return answer;
  }

  describe('both ways', () => {
    test.each(vectorsOf('tok', 'none').map((vector) => [vector.id, vector] as const))('%s', async (_id, vector) => {
      const first = await send(vector, servers.plain, 'short');
      // The answer must not change because the short path has learned from the first request.
      const second = await send(vector, servers.plain, 'short');
      const third = await send(vector, servers.plain, 'express');
      expect([second, third].map(bodyOf)).toEqual([bodyOf(first), bodyOf(first)]);
      expect(third.headers['content-type']).toBe(first.headers['content-type']);
      await expectExposed(vector, servers.plain, third);
    });
  });

  describe.each(['short', 'express'] as const)('with a limit, %s', (way) => {
    beforeAll(() => {
      if (way === 'short') return;
      secrets.set('CLIENT_TOKEN', OTHER_CLIENT_TOKEN);
      secrets.set('CLIENT_TOKEN_PROD', OTHER_PROD_TOKEN);
    });

    test.each(vectorsOf('rl').map((vector) => [vector.id, vector] as const))('%s', async (id, vector) => {
      // The second request of the sequence was not recorded.
      if (id === 'rl-3')
        await push(servers.limited, [{ name: 'rl', value: 2 }], { Authorization: fill('{{CLIENT_TOKEN}}') });
      const { status, headers } = await send(vector, servers.limited, way);
      if (status !== 202 && status !== 429) return;
      expect(headers['ratelimit-policy']).toBe('5;w=60');
      expect(headers['ratelimit-limit']).toBe('5');
      expect(headers['ratelimit-remaining']).toMatch(/^[0-4]$/);
      expect(headers['retry-after']).toEqual(status === 429 ? expect.stringMatching(/^[1-6]?\d$/) : undefined);
    });
  });

  test('nothing unexpected is in the log', () => {
    for (const server of Object.values(servers)) expect(server.output()).not.toContain('"level":"error"');
  });

  describe('the exposition after all requests', () => {
    test.each(['text', 'openmetrics'] as const)('parses strictly as %s', async (format) => {
      const page = await scrape(servers.plain, format === 'text' ? 'text/plain' : 'application/openmetrics-text');
      const samples = parseExposition(page, format).flatMap((family) => family.samples);
      expect(accepted).toBeGreaterThan(200);
      expect(samples).toContainEqual({ name: 'l', labels: { a: 'x"} 1\nevil 1\n#' }, value: 1 });
      expect(samples.find(({ name }) => name === 'evil' || name === 'injected_metric')).toBeUndefined();
    });

    const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
    const testPromtool = hasPromtool ? test : test.skip;
    testPromtool(hasPromtool ? 'parses for promtool' : 'parses for promtool (skipped: not installed)', async () => {
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(servers.plain) });
      // Status 3 means that the exposition parses, but has names that promtool does not recommend.
      expect({ status, errors: status === 1 ? stderr.toString() : '' }).toEqual({ status: 3, errors: '' });
    });
  });

  test('the tables contain only real differences', () => {
    const byId = new Map(vectors.map((vector) => [vector.id, vector]));
    for (const [id, { status }] of Object.entries(OTHER_ANSWERS)) {
      expect({ id, isSame: byId.get(id)?.response.status === status }).toEqual({ id, isSame: false });
    }
    expect([...Object.keys(NOT_EXPOSED), ...Object.keys(OTHER_WORDS)].filter((id) => !byId.has(id))).toEqual([]);
  });
});

/** Expects that everything that Unleash showed after the request is in our exposition, whatever the order of labels. */
async function expectExposed({ id, verdict, after }: Vector, server: TestServer, answer: Answer): Promise<void> {
  if (verdict !== 'match' || answer.status !== 202 || after.exposition === undefined) return;
  // Long expositions were recorded only in part. Unleash writes an empty line after each family, which has no meaning.
  const lines = after.exposition.slice(0, after.exposition.lastIndexOf('\n') + 1).replaceAll('\n\n', '\n');
  const recorded = parseExposition(lines, 'text', 'part').flatMap(({ samples }) => samples.map(textOf));
  const exposed = new Set(parseExposition(await scrape(server), 'text').flatMap(({ samples }) => samples.map(textOf)));
  const missing = recorded.filter((text) => !exposed.has(text));
  if (id in NOT_EXPOSED) expect(missing.length + Number(recorded.length === 0)).toBe(1);
  else expect(missing).toEqual([]);
}

function textOf({ name, labels, value }: ExposedSample): string {
  // JavaScript writes −0 as 0, so the two are not distinguished.
  return `${seriesKey(name, labels)} ${value}`;
}
