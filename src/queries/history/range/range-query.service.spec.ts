import fc from 'fast-check';
import { NOW } from '../../../../test/support/history-fixtures.js';
import {
  ask,
  capacities,
  type Case,
  FROM,
  pushes,
  pushesAndMarkers,
  sumOf,
  valuesOf,
} from '../../../../test/support/range-questions.js';
import { BadDataError } from '../../../http/answers/errors.js';
import type { Aggregate } from '../aggregates/aggregate.js';

const steps = fc.constantFrom('7s', '10s', '333ms', '1h');
const groupings = fc.constantFrom<string[]>([], ['app'], ['half'], ['none'], ['*'], ['half', 'app']);

describe('RangeQueryService', () => {
  it('counts every delta once, with any step and grouping', async () => {
    await fc.assert(
      fc.asyncProperty(pushes(3), steps, groupings, capacities, async (pushed, step, groupBy, capacity) => {
        const given: Case = { kinds: ['delta', 'delta', 'delta'], pushed, capacity };
        const within = pushed.filter(({ at }) => at >= FROM && at < NOW);
        const total = within.reduce((sum, { value }) => sum + value, 0);
        expect(sumOf(await valuesOf(given, { aggregate: 'increase', step, groupBy }))).toBe(total);
        expect(sumOf(await valuesOf(given, { aggregate: 'sum', step, groupBy }))).toBe(total);
        expect(sumOf(await valuesOf(given, { aggregate: 'count', step, groupBy }))).toBe(within.length);
      }),
    );
  });

  it('computes the same growth from running totals as from deltas', async () => {
    await fc.assert(
      fc.asyncProperty(pushes(2), steps, capacities, async (unsorted, step, capacity) => {
        const deltas = unsorted.toSorted((a, b) => a.at - b.at);
        const cumulative = deltas.map(({ series, at }, index) => {
          const own = deltas.slice(0, index + 1).filter((sample) => sample.series === series);
          return { series, at, value: own.reduce((sum, { value }) => sum + value, 0) };
        });
        const request = { aggregate: 'increase', step } as const;
        const createdAt = NOW;
        const ofTotals = await valuesOf(
          { kinds: ['cumulative', 'cumulative'], pushed: cumulative, capacity, createdAt },
          request,
        );
        const ofDeltas = await valuesOf({ kinds: ['delta', 'delta'], pushed: deltas, capacity, createdAt }, request);
        expect(ofTotals).toEqual(ofDeltas);
      }),
    );
  });

  it('does not count stale markers', async () => {
    await fc.assert(
      fc.asyncProperty(pushesAndMarkers(3), steps, groupings, capacities, async (pushed, step, groupBy, capacity) => {
        const values = pushed.filter(({ value }) => !Number.isNaN(value));
        const kinds = ['delta', 'delta', 'delta'] as const;
        for (const aggregate of ['increase', 'count', 'avg', 'max', 'p50'] as const) {
          const request = { aggregate, step, groupBy };
          expect(await valuesOf({ kinds, pushed, capacity }, request)).toEqual(
            await valuesOf({ kinds, pushed: values }, request),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('continues a total after a stale marker', async () => {
    const pushed = [5, NaN, 7, NaN, 2].map((value, index) => ({ series: 0, at: FROM + index * 10_000, value }));
    const given: Case = { kinds: ['cumulative'], pushed };
    expect((await valuesOf(given, { aggregate: 'increase' })).flat().slice(0, 5)).toEqual([0, 0, 2, 0, 2]);
    expect((await valuesOf(given, { aggregate: 'last' })).flat().slice(0, 6)).toEqual([5, null, 7, null, 2, 2]);
  });

  it('ends with the current value, and carries values across empty buckets', async () => {
    const kinds = ['delta', 'cumulative', 'delta'] as const;
    await fc.assert(
      fc.asyncProperty(pushesAndMarkers(3), steps, capacities, async (unsorted, step, capacity) => {
        const pushed = unsorted.filter(({ at }) => at < NOW).toSorted((a, b) => a.at - b.at);
        const lines = await ask({ kinds, pushed, capacity }, { aggregate: 'last', step, groupBy: ['*'] });
        for (const [index, { points }] of lines.series.entries()) {
          const stepMs = lines.stepSeconds! * 1_000;
          for (const { at, value } of points) {
            const end = Date.parse(at) + stepMs;
            const own = pushed
              .filter((sample) => sample.series === index && sample.at < end)
              .map((sample) => sample.value);
            const deltas = own.filter((each) => !Number.isNaN(each));
            const total = deltas.length === 0 ? NaN : deltas.reduce((sum, each) => sum + each, 0);
            const held = kinds[index] === 'delta' ? total : (own.at(-1) ?? NaN);
            expect(value!).toBe(Number.isNaN(held) ? null : held);
          }
        }
        const all = await valuesOf({ kinds, pushed, capacity }, { aggregate: 'last', step });
        const apart = lines.series.map(({ points }) => points.at(-1)?.value ?? null);
        expect(all.flat().at(-1)).toBe(
          apart.every((value) => value === null) ? null : apart.reduce<number>((sum, value) => sum + (value ?? 0), 0),
        );
      }),
    );
  });

  it('computes averages, extremes and percentiles over all samples of a group', async () => {
    const pushed = [1, 2, 3, 4, 10].map((value, index) => ({ series: index % 2, at: FROM + index, value }));
    const given: Case = { type: 'gauge', kinds: ['gauge', 'gauge'], pushed, capacity: 2 };
    const first = async (aggregate: Aggregate) => (await valuesOf(given, { aggregate })).flat().slice(0, 2);
    expect(await first('avg')).toEqual([4, null]);
    expect(await first('min')).toEqual([1, null]);
    expect(await first('max')).toEqual([10, null]);
    expect(await first('sum')).toEqual([20, null]);
    expect(await first('count')).toEqual([5, 0]);
    expect(await first('p50')).toEqual([3, null]);
    expect((await first('p90'))[0]).toBeCloseTo(7.6, 12);
    expect(await first('last')).toEqual([14, 14]);
  });

  it('adds fractions up without drift', async () => {
    const pushed = Array.from({ length: 1_000 }, (_, index) => ({ series: 0, at: FROM + index, value: 0.1 }));
    expect((await valuesOf({ kinds: ['delta'], pushed }, { aggregate: 'increase' })).flat().at(0)).toBe(100);
    expect((await valuesOf({ kinds: ['delta'], pushed }, { aggregate: 'last' })).flat().at(0)).toBe(100);
  });

  it('counts from 0 after the restart of a client', async () => {
    const pushed = [5, 9, 2, 2, 3].map((value, index) => ({ series: 0, at: FROM - 1_000 + index * 10_000, value }));
    const given: Case = { kinds: ['cumulative'], pushed };
    expect((await valuesOf(given, { aggregate: 'increase' })).flat().slice(0, 4)).toEqual([4, 2, 0, 1]);
  });

  it('counts the first total of a series, but not the first one that retention has kept', async () => {
    const pushed = [{ series: 0, at: FROM + 5, value: 7 }];
    const increase = { aggregate: 'increase' } as const;
    expect(sumOf(await valuesOf({ kinds: ['cumulative'], pushed, createdAt: FROM }, increase))).toBe(7);
    expect(sumOf(await valuesOf({ kinds: ['cumulative'], pushed, createdAt: FROM - 3_600_000 }, increase))).toBe(0);
  });

  it('divides by the seconds of a step', async () => {
    const pushed = [{ series: 0, at: FROM, value: 5 }];
    expect((await valuesOf({ kinds: ['delta'], pushed }, { aggregate: 'rate' })).flat().slice(0, 2)).toEqual([0.5, 0]);
  });

  it('labels each point by the start of its bucket, aligned to the step', async () => {
    const answer = await ask(
      { kinds: ['delta'], pushed: [] },
      { aggregate: 'sum', from: String(NOW - 15_000), step: '10s' },
    );
    expect(answer.series.flatMap(({ points }) => points)).toEqual([
      { at: '2026-11-23T23:59:40.000Z', value: 0, unfinished: true },
      { at: '2026-11-23T23:59:50.000Z', value: 0 },
    ]);
    expect(answer).toMatchObject({ step: '10s', stepSeconds: 10, truncated: false });
  });

  it('has no lines without series', async () => {
    expect((await ask({ kinds: [], pushed: [] }, { aggregate: 'sum' })).series).toEqual([]);
  });

  it.each([1, 7, Infinity])('refuses more samples than the limit, read %d at a time', async (capacity) => {
    const pushed = Array.from({ length: 11 }, (_, index) => ({ series: index % 2, at: FROM + index, value: 1 }));
    const kinds = ['delta', 'delta'] as const;
    const request = { aggregate: 'sum' } as const;
    expect(sumOf(await valuesOf({ kinds, pushed, capacity, maxSamples: 11 }, request))).toBe(11);
    await expect(ask({ kinds, pushed, capacity, maxSamples: 10 }, request)).rejects.toThrow(BadDataError);
  });

  it('refuses more lines than an answer can hold', async () => {
    const kinds = Array.from({ length: 500 }, () => 'delta' as const);
    await expect(ask({ kinds, pushed: [] }, { aggregate: 'sum', step: '100ms', groupBy: ['*'] })).rejects.toThrow(
      BadDataError,
    );
    await expect(ask({ kinds, pushed: [] }, { aggregate: 'sum', groupBy: ['*', 'app'] })).rejects.toThrow(BadDataError);
  });
});
