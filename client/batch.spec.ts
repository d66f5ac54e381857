import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressBatch, freezeBatch } from './batch.js';
import { type MetricDefinition, MetricDefinitions } from './metric-definitions.js';
import { OpenWindow } from './open-window.js';

interface Item {
  name: string;
  value: number;
  labels?: Record<string, string>;
  type: string;
  temporality?: string;
  help?: string;
  timestamp?: number;
}

const MAX_SAMPLES = 16;
const BUCKETS = [0.5, 1, 10];
const definitions = new MetricDefinitions(100, MAX_SAMPLES);
const define = (...args: Parameters<MetricDefinitions['define']>) => definitions.define(...args) as MetricDefinition;
const METRICS = {
  counter: define('orders_total', 'counter', 'Orders'),
  gauge: define('queue_depth', 'gauge'),
  histogram: define('request_seconds', 'histogram', 'Requests', BUCKETS),
};

function readItems(body: Uint8Array): Item[] {
  return (JSON.parse(new TextDecoder().decode(body)) as { metrics: Item[] }).metrics;
}

/**
 * Generates one step: a value for a metric, or a freeze, which moves the open series into a batch. The values are multiples of an
 * eighth, so that their sums are exact.
 */
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constantFrom('counter' as const, 'gauge' as const, 'histogram' as const),
      value: fc.integer({ min: 0, max: 200 }).map((eighths) => eighths / 8),
      label: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f'),
    }),
  },
  { weight: 1, arbitrary: fc.constant('freeze' as const) },
);

describe('batches', () => {
  test('contain in total what was added, and each is complete', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const open = new OpenWindow(1_000, [], true);
        const added = new Map<string, number>();
        const observed = new Map<string, number[]>();
        const told = new Map<string, number>();
        const freezeAll = () => {
          while (open.size > 0) readBatch(readItems(freezeBatch(open, MAX_SAMPLES).body));
        };
        const readBatch = (items: Item[]) => {
          expect(items.length).toBeLessThanOrEqual(MAX_SAMPLES);
          const buckets = new Map<string, number[]>();
          for (const { name, value, labels = {}, type, temporality, timestamp } of items) {
            const key = `${name} ${labels.x ?? ''} ${labels.le ?? ''}`;
            if (type === 'gauge') {
              expect(timestamp).toEqual(expect.any(Number));
              told.set(key, value);
              continue;
            }
            expect({ type, temporality, timestamp }).toEqual({ type: 'counter', temporality: 'delta' });
            told.set(key, (told.get(key) ?? 0) + value);
            if (labels.le !== undefined) buckets.set(labels.x ?? '', [...(buckets.get(labels.x ?? '') ?? []), value]);
            if (name === 'request_seconds_count') expect(buckets.get(labels.x ?? '')!.at(-1)).toBe(value);
          }
          for (const counts of buckets.values()) {
            expect(counts).toHaveLength(BUCKETS.length + 1);
            expect(counts).toEqual(counts.toSorted((one, other) => one - other));
          }
        };
        for (const each of steps) {
          if (each === 'freeze') {
            freezeAll();
            continue;
          }
          const { kind, value, label } = each;
          expect(open.record(METRICS[kind], value, { x: label })).toBeUndefined();
          const key = `${METRICS[kind].name} ${label} `;
          if (kind === 'counter') added.set(key, (added.get(key) ?? 0) + value);
          else if (kind === 'gauge') added.set(key, value);
          else observed.set(label, [...(observed.get(label) ?? []), value]);
        }
        freezeAll();
        for (const [label, values] of observed) {
          for (const bound of [...BUCKETS, Infinity]) {
            const le = bound === Infinity ? '+Inf' : String(bound);
            added.set(`request_seconds_bucket ${label} ${le}`, values.filter((value) => value <= bound).length);
          }
          added.set(
            `request_seconds_sum ${label} `,
            values.reduce((sum, value) => sum + value, 0),
          );
          added.set(`request_seconds_count ${label} `, values.length);
        }
        expect(told).toEqual(added);
      }),
    );
  });

  test('contain the help once for each name', () => {
    const open = new OpenWindow(10, [], true);
    for (const x of ['a', 'b']) open.record(METRICS.counter, 1, { x });
    expect(readItems(freezeBatch(open, 10).body).map(({ help }) => help)).toEqual(['Orders', undefined]);
  });

  test('have different keys, and take the oldest series first', () => {
    const open = new OpenWindow(10, [['app', 'shop']], true);
    for (const x of ['a', 'b', 'c']) open.record(METRICS.counter, 1, { x });
    const [one, other] = [freezeBatch(open, 2), freezeBatch(open, 2)];
    expect(one.key).toMatch(/^[\da-f-]{36}$/);
    expect(one.key).not.toBe(other.key);
    expect(readItems(one.body).map(({ labels }) => labels)).toEqual([
      { app: 'shop', x: 'a' },
      { app: 'shop', x: 'b' },
    ]);
    expect([one.samples, other.samples, open.size]).toEqual([2, 1, 0]);
  });

  test('are compressed only once, and only if they are large enough', async () => {
    const open = new OpenWindow(1_000, [], true);
    open.record(METRICS.counter, 1, {});
    const small = freezeBatch(open, 1_000);
    await compressBatch(small);
    expect(small.isCompressed).toBe(false);
    for (let n = 0; n < 100; n++) open.record(METRICS.counter, 1, { x: n });
    const large = freezeBatch(open, 1_000);
    const plain = large.body;
    await compressBatch(large);
    const compressed = large.body;
    await compressBatch(large);
    expect(large.body).toBe(compressed);
    expect(compressed.length).toBeLessThan(plain.length / 4);
    expect(gunzipSync(compressed).equals(plain)).toBe(true);
  });
});

describe('the open window refuses', () => {
  const open = new OpenWindow(2, [], true);

  test.each([NaN, Infinity, -1, '1', null, undefined, {}, 10n])('%p for counters', (value) => {
    expect(open.record(METRICS.counter, value, {})).toBe('invalid_value');
    expect(open.size).toBe(0);
  });

  test('negative values for histograms, but not for gauges', () => {
    expect(open.record(METRICS.gauge, -1, {})).toBeUndefined();
    expect(open.record(METRICS.histogram, -1, {})).toBe('invalid_value');
  });

  test('the label of the buckets, and labels that are too long', () => {
    expect(open.record(METRICS.histogram, 1, { le: '1' })).toBe('invalid_labels');
    expect(open.record(METRICS.counter, 1, { x: 'x'.repeat(5_000) })).toBe('invalid_labels');
  });

  test('series above the limit, while existing ones continue', () => {
    expect(open.record(METRICS.counter, 1, { x: 1 })).toBeUndefined();
    expect(open.record(METRICS.counter, 1, { x: 2 })).toBe('too_many_series');
    expect(open.record(METRICS.counter, 1, { x: 1 })).toBeUndefined();
  });
});
