import type { InstrumentMetrics } from './instrument.metrics.js';
import type { InstrumentWriter } from './instrument-writer.js';
import { completeOptions } from '../../custom-metrics.options.js';
import type { BackgroundLoops } from '../../scheduling/background-loops.js';
import { CustomMetrics } from './custom-metrics.js';
import { ItemWriter } from './item-writer.js';
import type { CollectedValues, DropReason } from './pending-values.js';

const fails = (): never => {
  throw new Error('The app throws.');
};
const PROXY = new Proxy({}, { get: fails, ownKeys: fails, has: fails, getPrototypeOf: fails });
const SELF: Record<string, unknown> = {};
SELF.self = SELF;

const HOSTILE: readonly unknown[] = [
  null,
  NaN,
  5,
  10n,
  Symbol('x'),
  fails,
  'x'.repeat(5_000_000),
  PROXY,
  SELF,
  { label: Symbol('x') },
  { label: 10n },
  { label: fails },
  { label: {} },
  { label: 'x'.repeat(5_000_000) },
  { ['x'.repeat(5_000_000)]: 1 },
  {
    get label() {
      return fails();
    },
  },
  { toString: fails, toJSON: fails, valueOf: fails },
  Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`label_${index}`, 'x'])),
  Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`label_${index}`, ''])),
  Array.from({ length: 1_000_000 }, (_, index) => index),
  Array(4_000_000_000),
  new Proxy([1], { get: fails }),
];

/** Maximum CPU time of one call. A call takes a few milliseconds, to which a garbage collection may add hundreds. */
const MAX_CALL_MS = 1_000;

describe('instruments that are called with anything', () => {
  const dropped = new Map<DropReason, number>();
  let collected: CollectedValues | undefined;
  const metrics = new CustomMetrics(
    {
      write: (collect: () => CollectedValues) => Promise.resolve(void (collected = collect())),
    } as unknown as InstrumentWriter,
    new ItemWriter({
      ingest: (samples: unknown[]) => Promise.resolve({ accepted: samples.length, refused: [] }),
    } as never),
    {
      countDropped: (reason: DropReason, count: number) => dropped.set(reason, (dropped.get(reason) ?? 0) + count),
    } as unknown as InstrumentMetrics,
    completeOptions({}),
    { add: () => undefined } as unknown as BackgroundLoops,
  );
  const total = () => [...dropped.values()].reduce((sum, count) => sum + count, 0);

  function call(run: () => void): void {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(MAX_CALL_MS);
  }

  beforeEach(() => dropped.clear());

  it('neither throw nor take long, and count each value that they drop', async () => {
    let calls = 0;
    for (const hostile of HOSTILE as never[]) {
      const uses = [
        () => metrics.counter('a_total').add(1, hostile),
        () => metrics.counter('a_total').add(hostile),
        () => metrics.gauge('a').set(hostile, hostile),
        () => metrics.gauge('a').add(1, hostile),
        () => metrics.histogram('a_seconds').observe(1, hostile),
        () => metrics.counter(hostile).add(),
        () => metrics.counter('b_total', hostile).add(1),
        () => metrics.counter('b_total', { labels: hostile }).add(1),
        () => metrics.counter('b_total', { help: hostile, unit: hostile }).add(1),
        () => metrics.histogram('b_seconds', { buckets: hostile }).observe(1),
      ];
      for (const use of uses) call(use);
      calls += uses.length;
    }
    await metrics.flush();
    const taken = collected!.samples.length + collected!.histograms.length;
    expect(total()).toBeGreaterThan(calls / 2);
    expect(taken).toBeLessThan(20);
    for (const { name, labels, help } of [...collected!.samples, ...collected!.histograms]) {
      expect(JSON.stringify([name, labels]).length).toBeLessThan(1_000);
      expect(help == null || typeof help === 'string').toBe(true);
    }
  });

  it('keep a bounded number of series and of definitions', () => {
    for (let index = 0; index < 30_000; index++) {
      metrics.counter(`c_${index}_total`, { labels: { index } }).add(1, { index });
      metrics.gauge('g').set(1, { index });
    }
    expect(dropped).toEqual(new Map([['too_many_series', 50_000]]));
  });

  it('reject hostile items of a push one by one', async () => {
    const items = [...HOSTILE, { name: 'a', value: 1 }] as never[];
    const { accepted, rejected } = await metrics.push(items);
    expect(accepted).toBe(1);
    expect(rejected.map(({ reason }) => reason)).toEqual(HOSTILE.map(() => 'item_invalid'));
  });
});
