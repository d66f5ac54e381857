import fc from 'fast-check';
import { NOW } from '../../../../test/support/history-fixtures.js';
import {
  ask,
  capacities,
  type Case,
  FROM,
  pushes,
  pushesAndMarkers,
  SPAN,
  sumOf,
  valuesOf,
} from '../../../../test/support/range-questions.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { AGGREGATES } from '../aggregates/aggregate.js';

describe('RangeQueryService, asked for more than one line of one aggregate', () => {
  it('computes several aggregates in one pass as it computes each alone', async () => {
    const kinds = ['delta', 'cumulative'] as const;
    await fc.assert(
      fc.asyncProperty(
        pushesAndMarkers(2),
        fc.subarray(
          [...AGGREGATES].filter((each) => each !== 'distinct'),
          { minLength: 2 },
        ),
        capacities,
        async (pushed, aggregates, capacity) => {
          const given: Case = { kinds, pushed, capacity };
          const together = await ask(given, { aggregate: aggregates, groupBy: ['app'] });
          for (const aggregate of aggregates) {
            const alone = await valuesOf(given, { aggregate, groupBy: ['app'] });
            expect(together.series.map(({ points }) => points.map(({ values }) => values![aggregate]))).toEqual(alone);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps the largest lines, and combines the others in one', async () => {
    const kinds = ['delta', 'delta', 'delta', 'delta'] as const;
    await fc.assert(
      fc.asyncProperty(pushes(4), fc.integer({ min: 1, max: 5 }), capacities, async (pushed, lines, capacity) => {
        const given: Case = { kinds, pushed, capacity };
        const answer = await ask(given, { aggregate: 'increase', groupBy: ['app'], lines });
        const all = await ask(given, { aggregate: 'increase', groupBy: ['app'] });
        const totals = all.series.map(({ points }) => sumOf([points.map(({ value }) => value!)]));
        const shown = answer.series.map(({ points }) => sumOf([points.map(({ value }) => value!)]));
        const largest = totals.toSorted((a, b) => b - a);
        expect(answer.linesTotal).toBe(4);
        expect(shown.slice(0, lines)).toEqual(largest.slice(0, lines));
        if (lines < 4) {
          expect(answer.series[lines]).toMatchObject({ labels: {}, others: 4 - lines });
          expect(shown[lines]).toBe(largest.slice(lines).reduce((sum, total) => sum + total, 0));
        }
        expect(answer.series).toHaveLength(Math.min(lines + 1, 4));
      }),
      { numRuns: 50 },
    );
  });

  it('takes percentiles of the other lines over all of their samples', async () => {
    const pushed = [100, 1, 2, 3].map((value, index) => ({ series: index, at: FROM + index, value }));
    const given: Case = { type: 'gauge', kinds: ['gauge', 'gauge', 'gauge', 'gauge'], pushed };
    const { series } = await ask(given, { aggregate: 'max', groupBy: ['app'], lines: 1 });
    const medians = await ask(given, { aggregate: ['max', 'median'], groupBy: ['app'], lines: 1 });
    expect(series.map(({ points: [point] }) => point!.value)).toEqual([100, 3]);
    expect(medians.series.map(({ points: [point] }) => point!.values)).toEqual([
      { max: 100, median: 100 },
      { max: 3, median: 2 },
    ]);
  });

  it('returns the range before beside the range', async () => {
    const pushed = [
      { series: 0, at: FROM - SPAN + 5_000, value: 3 },
      { series: 0, at: FROM + 5_000, value: 7 },
    ];
    const answer = await ask({ kinds: ['delta'], pushed }, { aggregate: 'increase', compare: 'previous' });
    expect(answer.compare).toMatchObject({
      from: new Date(FROM - SPAN).toISOString(),
      to: new Date(FROM).toISOString(),
    });
    const [line] = answer.series;
    expect(line!.points[0]!.value).toBe(7);
    expect(line!.compare![0]).toEqual({ at: new Date(FROM - SPAN).toISOString(), value: 3 });
    expect(line!.compare).toHaveLength(10);
  });

  it('counts the values of a label with samples in each bucket', async () => {
    const pushed = [0, 1, 2, 0].map((series, index) => ({ series, at: FROM + index, value: 1 }));
    const given: Case = { kinds: ['delta', 'delta', 'delta'], pushed };
    const users = await valuesOf(given, { aggregate: 'distinct', distinctLabel: 'app' });
    expect(users[0]!.slice(0, 2)).toEqual([3, 0]);
    expect((await valuesOf(given, { aggregate: 'distinct', distinctLabel: 'half' }))[0]![0]).toBe(2);
    expect((await valuesOf(given, { aggregate: 'distinct', distinctLabel: 'none' }))[0]![0]).toBe(0);
    await expect(ask(given, { aggregate: 'distinct' })).rejects.toThrow(BadDataError);
    await expect(ask(given, { aggregate: 'sum', distinctLabel: 'app' })).rejects.toThrow(BadDataError);
  });

  it('adds up days to weeks and months of a time zone, to the last digit', async () => {
    const NEW_YORK = { tz: 'America/New_York', from: '2026-10-01', to: '2026-11-24' } as const;
    const times = fc.integer({ min: Date.parse('2026-10-01T04:00Z'), max: NOW - 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ series: fc.nat(1), at: times, value: fc.integer({ min: 1, max: 99 }).map((n) => n / 8) }),
          {
            maxLength: 40,
          },
        ),
        async (pushed) => {
          const given: Case = { kinds: ['delta', 'delta'], pushed };
          const total = pushed.filter(({ at }) => at < NOW).reduce((sum, { value }) => sum + value, 0);
          for (const step of ['1d', '1w', '1mo', '1y']) {
            const values = await valuesOf(given, { aggregate: 'increase', step, ...NEW_YORK, to: String(NOW) });
            expect(sumOf(values)).toBe(total);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
