import { ADMIN_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const TOKENS = '/api/admin/tokens';
const METRICS = '/api/admin/metrics';
const token = (more: string) => `{"name":"odd","scopes":["ingest"],${more}}`;

/** Requests that no form or program would send, and the statuses of their answers. All are sent with an admin token. */
const REQUESTS: readonly (readonly [
  title: string,
  method: string,
  path: string,
  body: string | undefined,
  status: number,
])[] = [
  ['a token called NUL', 'POST', TOKENS, String.raw`{"name":"a\u0000b","scopes":["ingest"]}`, 201],
  ['a token called half a pair', 'POST', TOKENS, String.raw`{"name":"a\ud800b","scopes":["ingest"]}`, 201],
  ['NUL in a label of a token', 'POST', TOKENS, token(String.raw`"labels":{"a":"x\u0000\ud800"}`), 201],
  ['a label that is no text', 'POST', TOKENS, token('"labels":{"a":1}'), 400],
  ['properties of every object', 'POST', TOKENS, token('"__proto__":{"a":1},"constructor":1,"toNewApiToken":1'), 400],
  ['nothing said with null', 'POST', TOKENS, token('"labels":null,"defaultTemporality":null,"expiresAt":null'), 201],
  ['a time without a zone', 'POST', TOKENS, token('"expiresAt":"2027-01-01T00:00"'), 201],
  ['a time in weeks', 'POST', TOKENS, token('"expiresAt":"2027-W01-1"'), 400],
  ['a time without separators', 'POST', TOKENS, token('"expiresAt":"20270101T000000Z"'), 400],
  ['a time that is a number', 'POST', TOKENS, token('"expiresAt":1764000000000'), 400],
  ['no object', 'POST', TOKENS, 'null', 400],
  ['20,000 levels where a list should be', 'POST', TOKENS, `{"name":"odd","scopes":${DEEP}}`, 400],
  ['20,000 levels where nothing should be', 'POST', TOKENS, token(`"unknown":${DEEP}`), 400],
  ['20,000 levels and nothing else', 'POST', TOKENS, DEEP, 400],
  ['a token that could never be', 'DELETE', `${TOKENS}/2147483648`, undefined, 404],
  ['a token past every number', 'DELETE', `${TOKENS}/99999999999999999999`, undefined, 404],
  ['a token that is no number', 'DELETE', `${TOKENS}/x`, undefined, 400],
  ['a metric called NUL', 'PUT', `${METRICS}/%00`, '{"type":"counter"}', 400],
  ['a metric that cannot be decoded', 'PUT', `${METRICS}/x%FF`, '{"type":"counter"}', 400],
  ['a metric with a deep help', 'PUT', `${METRICS}/odd`, `{"type":"counter","help":${DEEP}}`, 400],
  [
    'a metric with NUL in help and unit',
    'PUT',
    `${METRICS}/odd`,
    String.raw`{"type":"gauge","help":"\u0000","unit":"\u0000"}`,
    200,
  ],
  ['a metric called constructor', 'PUT', `${METRICS}/constructor`, '{"type":"counter"}', 200],
  ['a path that cannot be decoded', 'GET', '/%', undefined, 404],
  ['a query that cannot be decoded', 'GET', '/metrics?%', undefined, 200],
];

describe('odd requests', () => {
  const server = serviceUnderTest();

  function send(method: string, path: string, body: string | undefined): Promise<Response> {
    const headers = {
      Authorization: ADMIN_TOKEN,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    return fetch(server.url + path, { method, headers, body });
  }

  test.each(REQUESTS)('%s', async (_title, method, path, body, status) => {
    const response = await send(method, path, body);
    expect({ status: response.status, text: status < 300 ? '' : await response.text() }).toEqual({
      status,
      text:
        status < 300
          ? ''
          : expect.stringMatching(/^\{"id":"[-0-9a-f]{36}","name":"(?:BadData|NotFound)Error","message":".+\}$/s),
    });
  });

  test('a token whose time is null does not expire', async () => {
    const response = await send('POST', TOKENS, token('"expiresAt":null'));
    expect(await response.json()).toMatchObject({ expiresAt: null, labels: {} });
  });

  test('nothing unexpected is in the log', () => expect(server.output()).not.toContain('"level":"error"'));
});
