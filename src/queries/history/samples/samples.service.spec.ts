import fc from 'fast-check';
import {
  FakeSampleReader,
  historyOf,
  metricOf,
  NOW,
  type Pushed,
  readJson,
  seriesOf,
} from '../../../../test/support/history-fixtures.js';
import type { SampleResponse, SamplesResponse } from '../dto/samples.response.js';
import { SamplesService } from './samples.service.js';

const FROM = NOW - 40;

/** There are only a few times, around both ends of the range, and a few series, so that many samples have both in common. */
const pushes = fc.array(
  fc.record({
    series: fc.nat(2),
    at: fc.oneof(fc.integer({ min: FROM - 2, max: FROM + 3 }), fc.integer({ min: NOW - 2, max: NOW + 1 })),
    value: fc.integer(),
  }),
  { maxLength: 80, size: 'max' },
);

function serviceOver(
  pushed: readonly Pushed[],
  capacity: number,
): { service: SamplesService; reader: FakeSampleReader } {
  const metric = metricOf('gauge');
  const series = seriesOf(metric, ['gauge', 'gauge', 'gauge']);
  const reader = new FakeSampleReader(series, pushed, capacity);
  return { service: new SamplesService(...historyOf(metric, series, reader)), reader };
}

const query = { metric: 'tested', label: [], from: String(FROM), to: String(NOW), order: 'asc' as const };

function flat({ seriesId, at, value }: SampleResponse): [number, number, number | null] {
  return [Date.parse(at), seriesId, value === null ? null : Number(value)];
}

describe('SamplesService', () => {
  it('returns each sample of the range once, by time, series and order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(pushes, fc.constantFrom(1, 2, 10, Infinity), async (pushed, capacity) => {
        const { samples, nextCursor } = await readJson<SamplesResponse>(
          serviceOver(pushed, capacity).service.findPage(query),
        );
        const expected = pushed
          .filter(({ at }) => at >= FROM && at < NOW)
          .toSorted((a, b) => a.at - b.at || a.series - b.series)
          .map(({ series, at, value }) => [at, series + 1, value]);
        expect(samples.map(flat)).toEqual(expected);
        expect(nextCursor).toBeNull();
      }),
    );
  });

  it('returns the newest samples first in exactly the reverse order, in pages, too', async () => {
    await fc.assert(
      fc.asyncProperty(
        pushes,
        fc.constantFrom(1, 2, 10, Infinity),
        fc.integer({ min: 1, max: 30 }),
        async (pushed, capacity, limit) => {
          const { service } = serviceOver(pushed, capacity);
          const { samples: ascending } = await readJson<SamplesResponse>(service.findPage(query));
          const descending: SampleResponse[] = [];
          let cursor: string | undefined;
          do {
            const page = await readJson<SamplesResponse>(service.findPage({ ...query, order: 'desc', limit, cursor }));
            descending.push(...page.samples);
            cursor = page.nextCursor ?? undefined;
          } while (cursor !== undefined);
          expect(descending.map(flat)).toEqual(ascending.map(flat).toReversed());
        },
      ),
    );
  });

  it('returns pages that together are exactly the unpaged list', async () => {
    await fc.assert(
      fc.asyncProperty(
        pushes,
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(1, 5, Infinity),
        async (pushed, limit, capacity) => {
          const { service } = serviceOver(pushed, capacity);
          const { samples: unpaged } = await readJson<SamplesResponse>(service.findPage(query));
          const joined: SampleResponse[] = [];
          for (let cursor: string | undefined; ;) {
            const page = await readJson<SamplesResponse>(service.findPage({ ...query, limit, cursor }));
            expect(page.samples.length).toBeLessThanOrEqual(limit);
            joined.push(...page.samples);
            // If the cursor did not advance, the loop would never end.
            expect(joined.length).toBeLessThanOrEqual(unpaged.length);
            if (page.nextCursor === null) break;
            expect(page.samples).toHaveLength(limit);
            cursor = page.nextCursor;
          }
          expect(joined).toEqual(unpaged);
        },
      ),
    );
  });

  it('writes the same samples as CSV', async () => {
    await fc.assert(
      fc.asyncProperty(pushes, fc.constantFrom(1, 5, Infinity), async (pushed, capacity) => {
        const { service } = serviceOver(pushed, capacity);
        const { samples } = await readJson<SamplesResponse>(service.findPage(query));
        let csv = '';
        for await (const chunk of (await service.openCsv(query)).chunks) csv += Buffer.from(chunk).toString();
        const rows = samples.map(({ at, value, labels }) => `tested,${at},${value},${labels.app},${labels.half}\r\n`);
        expect(csv).toBe(['metric,at,value,app,half\r\n', ...rows].join(''));
      }),
    );
  });

  it('stops reading when it has a page', async () => {
    const pushed = Array.from({ length: 80 }, (_, index) => ({
      series: index % 2,
      at: FROM + (index >> 1),
      value: index,
    }));
    const { service, reader } = serviceOver(pushed, 4);
    await readJson(service.findPage({ ...query, limit: 2 }));
    expect(reader.queries.at(-1)!.to).toBeLessThan(NOW - 30);
  });
});
