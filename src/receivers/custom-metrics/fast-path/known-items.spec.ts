import fc from 'fast-check';
import type { Series } from '../../../catalog/series/series.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import { RecognisedSeries } from '../../../ingestion/recognition/recognised-series.js';
import { storedMetricName } from '../../../outside-text/name.js';
import { KnownItems } from './known-items.js';

const SENDER = 'one';
const MAX_SAMPLES = 100;
/** The number of bytes of memory for each item of a generation. Half of it is for text. */
const BYTES_OF_ITEM = 200;

/** Creates known items, with memory for the given number of items in each generation. */
function knownItemsOf(items: number): KnownItems {
  return new KnownItems(new RecognisedSeries({ ingest: { cacheMemoryBytes: (items * BYTES_OF_ITEM) / 0.3 } }));
}

/** A catalog that has one series for each distinct pair of name and labels as written, which is enough for these tests. */
class FakeCatalog {
  private readonly series = new Map<string, Series>();

  resolve({ name, labels }: IncomingSample): Series {
    const key = JSON.stringify([name, labels]);
    const metric = { name: storedMetricName(name, 'legacy') };
    const found = this.series.get(key) ?? ({ canOnlyRise: name.endsWith('_total'), metric, key } as unknown as Series);
    this.series.set(key, found);
    return found;
  }
}

const name = fc.oneof(fc.constantFrom('a_total', 'b', 'value', 'ü'), fc.string({ minLength: 1, maxLength: 8 }));
const labels = fc.dictionary(
  fc.oneof(fc.constantFrom('value', 'x'), fc.string({ maxLength: 5 })),
  fc.string({ maxLength: 6 }),
  {
    maxKeys: 3,
  },
);
const sample = fc.record(
  {
    name,
    value: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    labels,
    nested: fc.json({ maxDepth: 1 }),
  },
  { requiredKeys: ['name', 'value'] },
);
/** The layouts in which serialisers of different languages write a batch. */
const layout = fc.constantFrom<(batch: object) => string>(
  (batch) => JSON.stringify(batch),
  (batch) => JSON.stringify(batch, null, 2),
  (batch) => JSON.stringify(batch, null, 1).replaceAll('\n', ' '),
);

function columns(batch: { series: readonly Series[]; values: Float64Array } | undefined) {
  return batch && { series: batch.series, values: [...batch.values] };
}

/** Returns the result of parsing and resolving; undefined if the usual path would refuse the body or fail to parse it. */
function expected(catalog: FakeCatalog, body: Buffer) {
  try {
    const { metrics } = JSON.parse(body.toString()) as { metrics: IncomingSample[] };
    return { series: metrics.map((each) => catalog.resolve(each)), values: metrics.map(({ value }) => value) };
  } catch {
    return undefined;
  }
}

function learn(known: KnownItems, catalog: FakeCatalog, body: Buffer): void {
  const { metrics } = JSON.parse(body.toString()) as { metrics: IncomingSample[] };
  const series = metrics.map((each) => catalog.resolve(each));
  Array.from(known.learn(body, SENDER, metrics, series));
}

describe('KnownItems', () => {
  test('recognises a batch that it has learned when it comes with other numbers', () => {
    const known = knownItemsOf(100);
    const catalog = new FakeCatalog();
    learn(
      known,
      catalog,
      Buffer.from('{"metrics":[{"name":"a_total","value":1,"labels":{"x":"1"}},{"name":"b","value":2}]}'),
    );
    const body = Buffer.from(
      '{"metrics":[{"name":"b","value":-2.5},{"name":"a_total","value":70,"labels":{"x":"1"}}]}',
    );
    expect(columns(known.read(body, SENDER, MAX_SAMPLES))).toEqual(expected(catalog, body));
  });

  test.each([
    ['another sender', '{"metrics":[{"name":"a_total","value":1}]}', 'two'],
    ['a negative delta', '{"metrics":[{"name":"a_total","value":-1}]}', SENDER],
    ['a second value', '{"metrics":[{"name":"a_total","value":1,"value":2}]}', SENDER],
    ['an escaped second value', '{"metrics":[{"name":"a_total","value":1,"v\\u0061lue":2}]}', SENDER],
    ['another property of the batch', '{"metrics":[{"name":"a_total","value":1}],"metrics":[]}', SENDER],
    ['text after the batch', '{"metrics":[{"name":"a_total","value":1}]}x', SENDER],
    ['a value that is not a number', '{"metrics":[{"name":"a_total","value":"1"}]}', SENDER],
    ['a value beyond the range of doubles', '{"metrics":[{"name":"a_total","value":1e999}]}', SENDER],
    ['a truncated body', '{"metrics":[{"name":"a_total","value":1}', SENDER],
    ['an extra comma', '{"metrics":[{"name":"a_total","value":1},]}', SENDER],
    ['no items', '{"metrics":[]}', SENDER],
  ])('leaves %s to the usual path', (_case, body, sender) => {
    const known = knownItemsOf(100);
    learn(known, new FakeCatalog(), Buffer.from('{"metrics":[{"name":"a_total","value":1}]}'));
    expect(known.read(Buffer.from(body), sender, MAX_SAMPLES)).toBeUndefined();
  });

  test('leaves a batch with too many samples to the usual path', () => {
    const known = knownItemsOf(100);
    const body = Buffer.from('{"metrics":[{"name":"b","value":1},{"name":"b","value":1}]}');
    learn(known, new FakeCatalog(), body);
    expect(known.read(body, SENDER, 1)).toBeUndefined();
    expect(known.read(body, SENDER, 2)).toBeDefined();
  });

  test('does not learn an item whose metric was renamed since it was accepted', () => {
    const known = knownItemsOf(100);
    const catalog = new FakeCatalog();
    const body = Buffer.from('{"metrics":[{"name":"b","value":1},{"name":"c","value":1}]}');
    Object.assign(catalog.resolve({ name: 'b', value: 1 }).metric, { name: 'renamed' });
    learn(known, catalog, body);
    expect(known.read(body, SENDER, 2)).toBeUndefined();
    expect(known.read(Buffer.from('{"metrics":[{"name":"c","value":1}]}'), SENDER, 1)).toBeDefined();
  });

  test('does not learn items with a timestamp', () => {
    const known = knownItemsOf(100);
    const body = Buffer.from('{"metrics":[{"name":"b","value":1,"timestamp":1700000000000}]}');
    learn(known, new FakeCatalog(), body);
    expect(known.read(body, SENDER, MAX_SAMPLES)).toBeUndefined();
  });

  test.each([
    [
      'two lists',
      '{"metrics":[{"name":"a","value":1},{"name":"c","value":1}],"metrics":[{"name":"b","value":1},{"name":"d","value":1}]}',
    ],
    ['a number named value in an object before the value', '{"metrics":[{"name":"a","x":{"value":1},"value":1}]}'],
    ['two values', '{"metrics":[{"name":"a","value":1,"value":1}]}'],
    ['an escaped second value', '{"metrics":[{"name":"a","value":1,"v\\u0061lue":1}]}'],
    ['a text that looks like the end of an item', '{"metrics":[{"name":"a","value":1,"x":"},{"}]}'],
  ])('learns nothing from a batch with %s', (_case, text) => {
    const known = knownItemsOf(100);
    const body = Buffer.from(text);
    learn(known, new FakeCatalog(), body);
    expect(known.read(body, SENDER, MAX_SAMPLES)).toBeUndefined();
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(known.read(Buffer.from(`{"metrics":[{"name":"${name}","value":1}]}`), SENDER, 1)).toBeUndefined();
    }
  });

  test('recognises items with escapes, as written by clients that send only ASCII', () => {
    const known = knownItemsOf(100);
    const catalog = new FakeCatalog();
    const bodyOf = (value: number) =>
      Buffer.from(`{"metrics": [{"name": "b", "labels": {"x": "\\u00fc \\"C:\\\\\\""}, "value": ${value}}]}`);
    learn(known, catalog, bodyOf(1));
    expect(columns(known.read(bodyOf(2), SENDER, 1))).toEqual(expected(catalog, bodyOf(2)));
  });

  test('forgets items that are not used, and stays within its memory limit', () => {
    const known = knownItemsOf(2);
    const catalog = new FakeCatalog();
    const bodyOf = (index: number) => Buffer.from(`{"metrics":[{"name":"m${index}","value":1}]}`);
    for (let index = 0; index < 20; index++) learn(known, catalog, bodyOf(index));
    const remembered = Array.from({ length: 20 }, (_, index) => known.read(bodyOf(index), SENDER, 1)).filter(Boolean);
    expect(remembered.length).toBeLessThanOrEqual(4);
  });

  test('returns the result of parsing or nothing, whatever was learned and however it is written', () => {
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })),
        layout,
        (samples, numbers, write) => {
          const known = knownItemsOf(100);
          const catalog = new FakeCatalog();
          learn(known, catalog, Buffer.from(write({ metrics: samples })));
          const pushed = samples.toReversed().map((each) => ({ ...each, value: numbers.next().value as number }));
          const body = Buffer.from(write({ metrics: pushed }));
          const read = columns(known.read(body, SENDER, MAX_SAMPLES));
          if (read !== undefined) expect(read).toEqual(expected(catalog, body));
          // A body that is not recognised must have something before its end that looks like the end of an item.
          else expect(body.toString()).toMatch(/\}\s*(?:\]|,\s*\{)[^]*"[^]*\}\s*\]\s*\}$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('returns the result of parsing or nothing for a damaged body', () => {
    const damage = fc.record({ at: fc.nat(400), byte: fc.constantFrom(...'{}[]",:0123456789.-e value\\') });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 4 }),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        layout,
        (samples, damages, write) => {
          const known = knownItemsOf(100);
          const catalog = new FakeCatalog();
          const body = Buffer.from(write({ metrics: samples }));
          learn(known, catalog, body);
          const damaged = Buffer.from(body);
          for (const { at, byte } of damages) if (at < damaged.length) damaged[at] = byte.charCodeAt(0);
          const read = columns(known.read(damaged, SENDER, MAX_SAMPLES));
          if (read !== undefined) expect(read).toEqual(expected(catalog, damaged));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
