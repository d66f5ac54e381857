import fc from 'fast-check';
import { catalogOn, StoredCatalog, wanting } from '../../../test/support/machines/stored-catalog.js';
import { Series } from './series.js';

const request = fc.array(fc.tuple(fc.constantFrom('m', 'n'), fc.constantFrom('a', 'b', 'c', 'd')), {
  minLength: 1,
  maxLength: 6,
});

describe('the creation of series by many requests at once', () => {
  it('gives each series one id, for any order of the statements of two processes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(fc.boolean(), request), { minLength: 1, maxLength: 8 }),
        async (scheduler, requests) => {
          const stored = new StoredCatalog();
          stored.before = (statement) => scheduler.schedule(Promise.resolve(), statement);
          const processes = [catalogOn(stored), catalogOn(stored)];
          const idsByLabels = new Map<string, Set<number>>();
          const asked = requests.map(async ([isSecond, wanted]) => {
            const results = await processes[isSecond ? 1 : 0]!.ensureSeries(
              wanted.map(([name, label]) => wanting(name, label)),
            );
            results.forEach((each, index) => {
              const key = wanted[index]!.join(' ');
              // A refusal would be an error, because the number of series stays far below every limit.
              const id = each instanceof Series ? each.id : NaN;
              idsByLabels.set(key, (idsByLabels.get(key) ?? new Set()).add(id));
            });
          });
          await scheduler.waitFor(Promise.all(asked));
          const ids = Array.from(idsByLabels.values(), (each) => [...each]);
          expect(ids.every((each) => each.length === 1)).toBe(true);
          expect(new Set(ids.flat()).size).toBe(idsByLabels.size);
          expect(new Set(ids.flat())).toEqual(new Set(Array.from(stored.series.values(), ({ id }) => id)));
          for (const { seriesCount } of processes) expect(seriesCount).toBeLessThanOrEqual(idsByLabels.size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never creates more series than the limit, for any concurrent requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (requests, limit) => {
          const stored = new StoredCatalog();
          const catalog = catalogOn(stored, { series: { limit } });
          const results = await Promise.all(
            requests.map((wanted) => catalog.ensureSeries(wanted.map(([name, label]) => wanting(name, label)))),
          );
          const wanted = new Set(requests.flat().map((each) => each.join(' ')));
          expect(stored.series.size).toBe(Math.min(limit, wanted.size));
          expect(new Set(results.flat().filter((each) => each instanceof Series)).size).toBe(stored.series.size);
        },
      ),
      { numRuns: 200 },
    );
  });
});
