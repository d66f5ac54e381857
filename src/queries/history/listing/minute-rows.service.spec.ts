import fc from 'fast-check';
import {
  FakeSampleReader,
  historyOf,
  metricOf,
  NOW,
  readJson,
  seriesOf,
} from '../../../../test/support/history-fixtures.js';
import type { MinuteRowResponse, MinuteRowsResponse } from '../dto/minute-rows.response.js';
import { minuteOf } from './minute-rows.js';
import { MINUTE_MS } from '../../../scheduling/units-of-time.js';
import { MinuteRowsService } from './minute-rows.service.js';

const FROM = NOW - 5 * MINUTE_MS;
const KINDS = ['delta', 'cumulative', 'delta'] as const;

const pushes = fc.array(
  fc.record({ series: fc.nat(2), at: fc.integer({ min: FROM - MINUTE_MS, max: NOW - 1 }), value: fc.nat(100) }),
  { maxLength: 50 },
);

describe('MinuteRowsService', () => {
  it('shows the value of each series at the end of each minute with a push, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        pushes,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(1, 5, Infinity),
        async (unsorted, limit, capacity) => {
          const pushed = unsorted.toSorted((a, b) => a.at - b.at);
          const metric = metricOf('counter');
          const series = seriesOf(metric, KINDS);
          const service = new MinuteRowsService(
            ...historyOf(metric, series, new FakeSampleReader(series, pushed, capacity)),
          );

          const expected: MinuteRowResponse[] = [];
          for (let minute = FROM; minute < NOW; minute += MINUTE_MS) {
            for (const [index, kind] of KINDS.entries()) {
              const own = pushed.filter((sample) => sample.series === index && sample.at < minute + MINUTE_MS);
              if (!own.some(({ at }) => minuteOf(at) === minute)) continue;
              const total = own.reduce((sum, { value }) => sum + value, 0);
              expected.push({
                name: 'tested',
                value: kind === 'delta' ? total : own.at(-1)!.value,
                labels: { app: String(index), half: String(index % 2) },
                timestamp: new Date(minute).toISOString(),
              });
            }
          }

          const joined: MinuteRowResponse[] = [];
          for (let cursor: string | undefined; ;) {
            // The range starts and ends within a minute, but the listing shows whole minutes.
            const page = await readJson<MinuteRowsResponse>(
              service.findPage({ from: String(FROM + 30_000), to: String(NOW - 30_000), limit, cursor }),
            );
            expect(page.count).toBe(page.metrics.length);
            joined.push(...page.metrics);
            // If the cursor did not advance, the loop would never end.
            expect(joined.length).toBeLessThanOrEqual(expected.length);
            cursor = page.nextCursor;
            if (cursor === undefined) break;
          }
          expect(joined).toEqual(expected);
        },
      ),
    );
  });

  it('finds the first page of many days in a few reads if all samples are in the last minutes', async () => {
    const metric = metricOf('gauge');
    const series = seriesOf(
      metric,
      Array.from({ length: 100 }, () => 'gauge'),
    );
    const pushed = series.flatMap((_, index) =>
      Array.from({ length: 6 }, (_, minute) => ({ series: index, at: NOW - (minute + 1) * MINUTE_MS, value: minute })),
    );
    const reader = new FakeSampleReader(series, pushed, 300);
    const service = new MinuteRowsService(...historyOf(metric, series, reader));
    const page = await readJson<MinuteRowsResponse>(service.findPage({ from: '-90d', limit: 50 }));
    expect(page.metrics).toHaveLength(50);
    expect(page.metrics[0]!.timestamp).toBe(new Date(NOW - 6 * MINUTE_MS).toISOString());
    // Dividing the range by four until it has few enough samples would take 72 reads.
    expect(reader.queries.length).toBeLessThanOrEqual(4);
  });
});
