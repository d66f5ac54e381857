import fc from 'fast-check';
import { parseExposition, seriesKey } from '../support/exposition-parser.js';
import { INGEST_TOKEN, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** The seed. FUZZ_SEED sets another one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261124);
const RUNS = 300;

/** The short path leaves requests with a query string to Express. */
const WAYS = { short: '', express: '?way=express' } as const;

/** Bodies that the short path recognises once they have been pushed, in the layouts of different serialisers. */
const KNOWN = [
  '{"metrics":[{"name":"k_a","value":1}]}',
  '{"metrics":[{"name":"k_b","value":12.5,"labels":{"a":"x","value":"2"}},{"value":-3,"name":"k_c","labels":{}}]}',
  '{ "metrics": [\n  { "name": "k_d", "labels": { "größe": "}],{" }, "value": 1e2 }\n] }',
  '{"metrics":[{"name":"k_total","value":7,"unknown":{"b":[1,"}"]},"labels":{"n":1,"t":true}}]}',
];

/**
 * Generates known bodies with one or a few bytes changed. Most are no longer JSON, and some have another number or another item.
 */
const damaged = fc
  .tuple(
    fc.constantFrom(...KNOWN),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        removes: fc.nat(2),
        inserts: fc.oneof(
          fc.string({ unit: fc.constantFrom(...Array.from('0123456789+-.eE"{}[]:, \\\n')), maxLength: 2 }),
          fc.constantFrom('\ufeff', '\0', 'null', '1e400', '{}', '"value":5,', '},{"name":"k_a","value":9', '\\u0061'),
        ),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([body, changes]) =>
    changes.reduce((text, { at, removes, inserts }) => {
      const position = Math.floor(at * text.length);
      return text.slice(0, position) + inserts + text.slice(position + removes);
    }, body),
  );

describe('the short path', () => {
  const server = serviceUnderTest({ COUNTER_TEMPORALITY: 'cumulative' });

  beforeAll(async () => {
    for (const body of KNOWN) expect((await push('short', body)).status).toBe(202);
  });

  async function push(way: keyof typeof WAYS, body: string | Buffer, headers: Record<string, string> = {}) {
    const response = await fetch(`${server.url}/api/client/metrics/custom${WAYS[way]}`, {
      method: 'POST',
      headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    return { status: response.status, text: text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>') };
  }

  /** Returns all custom values of the exposition. */
  async function values(): Promise<Map<string, number>> {
    const samples = parseExposition(await scrape(server), 'text').flatMap((family) => family.samples);
    return new Map(
      samples
        .filter(({ name }) => !/^(?:process|nodejs|custom_metrics)_/.test(name))
        .map(({ name, labels, value }) => [seriesKey(name, labels), value]),
    );
  }

  /**
   * Expects the same result in all ways: twice on the short path, because it may learn the body the first time, and then through
   * Express.
   */
  async function expectSame(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
    const answers = [await push('short', body, headers), await push('short', body, headers)];
    const shown = answers[0]!.status === 202 ? await values() : undefined;
    const usual = await push('express', body, headers);
    expect(answers).toEqual([usual, usual]);
    if (shown !== undefined) expect(shown).toEqual(await values());
    expect([202, 400]).toContain(usual.status);
    return usual.status;
  }

  const item = (value: string) => `{"metrics":[{"name":"k_a","value":${value}}]}`;

  test.each([
    ...['2', '-0', '1.5e3', '1E-3', '0.1', '5e-324', '9007199254740993', '1'.repeat(400)].map((value) => [value, 202]),
    ...['01', '+1', '1.', '.5', '-', '--1', '1e', '1e400', '0x10', '1_0', 'NaN', 'Infinity', ''].map((value) => [
      value,
      400,
    ]),
    ['null', 202],
    ...['true', '[1]', '{}', '"x"', '""'].map((value) => [value, 400]),
    ...['"1"', '" 7 "', '1 ', '\t1\n'].map((value) => [value, 202]),
  ] as [string, number][])('takes the value %s as Express does', async (value, status) => {
    // A number with 400 digits is too large for a double.
    expect(await expectSame(item(value))).toBe(value.length === 400 ? 400 : status);
  });

  const bom = Buffer.from([0xef, 0xbb, 0xbf]);
  const bad = '{"metrics":[{"name":"k_a","value":3},{"name":"up","value":4}]}';

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['a byte order mark', Buffer.concat([bom, Buffer.from(item('8'))]), {}, 202],
    ['two byte order marks', Buffer.concat([bom, bom, Buffer.from(item('8'))]), {}, 400],
    ['a byte order mark alone', bom, {}, 400],
    ['bytes that are no UTF-8', Buffer.from(item('8').replace('k_a', 'k\xff\xfe'), 'latin1'), {}, 400],
    ['a charset in quotes', item('8'), { 'Content-Type': 'application/json; charset="utf-8"' }, 202],
    ['a bad item', bad, {}, 202],
    ['a bad item and strictness', bad, { Prefer: 'handling=strict' }, 400],
    ['a bad item and strictness among other wishes', bad, { Prefer: 'respond-async, handling="strict"; x=1' }, 400],
    ['a bad item and leniency', bad, { Prefer: 'handling=lenient' }, 202],
    ['spaces around everything', ' \n{ "metrics" : [ { "name" : "k_a" , "value" : 8 } ] } \r\n', {}, 202],
    ['something behind the end', `${item('8')} x`, {}, 400],
    ['a comma too many', '{"metrics":[{"name":"k_a","value":8},]}', {}, 400],
    ['a missing comma', '{"metrics":[{"name":"k_a","value":8}{"name":"k_a","value":9}]}', {}, 400],
    ['the list twice', '{"metrics":[{"name":"k_a","value":8}],"metrics":[{"name":"k_a","value":9}]}', {}, 202],
    ['a value twice', '{"metrics":[{"name":"k_a","value":8,"value":9}]}', {}, 202],
    ['a value under another spelling', String.raw`{"metrics":[{"name":"k_a","value":8,"v\u0061lue":9}]}`, {}, 202],
    ['an item twice', '{"metrics":[{"name":"k_a","value":8},{"name":"k_a","value":9}]}', {}, 202],
  ])('takes %s as Express does', async (_title, body, headers, status) => {
    expect(await expectSame(body, headers)).toBe(status);
  });

  test(`takes damaged bodies as Express does (seed ${SEED})`, async () => {
    const counts = { 202: 0, 400: 0 };
    for (const body of fc.sample(damaged, { seed: SEED, numRuns: RUNS })) {
      const status = await expectSame(body);
      counts[status === 202 ? 202 : 400]++;
      // A damaged body may have declared or created metrics or series, which must not affect a known body.
      if (status === 202) expect(await expectSame(KNOWN[0]!)).toBe(202);
    }
    expect(Math.min(counts[202], counts[400])).toBeGreaterThan(5);
  });
});
