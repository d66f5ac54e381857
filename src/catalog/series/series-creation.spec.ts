import { pass } from '../../../test/support/machines/fake-clock.js';
import { OUT_OF_RANGE, REFUSED } from '../../../test/support/machines/scripted-store.js';
import { catalogOn, StoredCatalog, wanting } from '../../../test/support/machines/stored-catalog.js';
import { DatabaseTimeoutError } from '../../database/outage.js';
import type { Catalog } from '../catalog.js';
import type { SeriesRequest } from './series-plan.js';
import { Series } from './series.js';

const WAIT_MS = 5_000;

/**
 * The queue of creations is idle or creating. A creation waits, is processed in one or more slices, and ends with its series,
 * with refusals, or with an error. A slice plans the missing series, creates metrics, creates series, and starts again if a
 * metric has been deleted meanwhile.
 */
describe('the creation of series', () => {
  let stored: StoredCatalog;
  let catalog: Catalog;

  beforeEach(() => {
    stored = new StoredCatalog();
    catalog = catalogOn(stored, { ingest: { maxSamples: 1_000 }, store: { waitMs: WAIT_MS, queueSamples: 5_000 } });
  });

  /** Requests series, and collects the results: ids, reasons of refusals, or the message of an error. */
  function ask(requests: readonly SeriesRequest[], of: Catalog = catalog): (number | string)[] {
    const results: (number | string)[] = [];
    of.ensureSeries(requests).then(
      (all) => results.push(...all.map((each) => (each instanceof Series ? each.id : each.reason))),
      (error: Error) => results.push(error.message),
    );
    return results;
  }

  /** Holds back every statement. Each call of the returned function releases the oldest one. */
  function holdStatements(): () => Promise<void> {
    const held: (() => void)[] = [];
    stored.before = () => new Promise<void>((resolve) => held.push(resolve));
    return async () => {
      held.shift()?.();
      await pass(0);
    };
  }

  /** Returns the id of a series that the catalog knows, or fails the test. */
  function idOf(name: string, label = ''): number {
    const id = catalog.findMetric(name)?.series.get(wanting(name, label).labelsText)?.id;
    if (id === undefined) throw new Error(`The catalog does not know ${name} ${label}.`);
    return id;
  }

  const idsOf = (count: number, name = 'm') => Array.from({ length: count }, (_, index) => idOf(name, `${index}`));

  const many = (count: number, name = 'm') => Array.from({ length: count }, (_, index) => wanting(name, `${index}`));

  it('idle → creating → idle: creates the metric, then the series, and knows both afterwards', async () => {
    const results = ask([wanting('m', 'a'), wanting('m', 'b')]);
    await pass(0);
    expect(stored.asked).toEqual(['metrics 1', 'series 2']);
    const ids = [...(catalog.findMetric('m')?.series.values() ?? [])].map(({ id }) => id);
    expect(results).toEqual(ids);
    const again = ask([wanting('m', 'b'), wanting('m', 'c')]);
    await pass(0);
    expect(stored.asked.slice(2)).toEqual(['series 1']);
    expect(again[0]).toBe(results[1]);
  });

  it('creates a series once if one request asks for it twice', async () => {
    const results = ask([wanting('m', 'a'), wanting('m', 'a')]);
    await pass(0);
    expect(stored.asked).toEqual(['metrics 1', 'series 1']);
    expect(results[0]).toBe(results[1]);
  });

  it('answers an empty request', async () => {
    let results: unknown;
    void catalog.ensureSeries([]).then((all) => (results = all));
    await pass(0);
    expect([results, stored.asked]).toEqual([[], []]);
  });

  it('creating: collects requests that arrive meanwhile, and creates their series together', async () => {
    const letGo = holdStatements();
    ask([wanting('m', 'a')]);
    const others = [ask([wanting('m', 'b')]), ask([wanting('m', 'c'), wanting('m', 'a')])];
    await letGo();
    await letGo();
    expect(stored.asked).toEqual(['metrics 1', 'series 1', 'series 2']);
    await letGo();
    expect(others).toEqual([[idOf('m', 'b')], [idOf('m', 'c'), idOf('m', 'a')]]);
  });

  it('processes a large request in slices, in the order of its items', async () => {
    const large = ask(many(1_100));
    await pass(0);
    expect(stored.asked).toEqual(['metrics 1', 'series 500', 'series 500', 'series 100']);
    expect(large).toEqual(idsOf(1_100));
  });

  it('shares each slice among the requests, so that a small one does not wait for a large one', async () => {
    const letGo = holdStatements();
    const large = ask(many(2_000));
    const small = ask([wanting('n')]);
    const other = ask(many(300, 'o'));
    await letGo();
    await letGo();
    expect([large, small, other].map(({ length }) => length)).toEqual([0, 0, 0]);
    await letGo();
    await letGo();
    expect([large, small, other].map(({ length }) => length)).toEqual([0, 1, 0]);
    for (let statement = 0; statement < 10; statement++) await letGo();
    expect([large, small, other]).toEqual([idsOf(2_000), [idOf('n')], idsOf(300, 'o')]);
  });

  it('gives every request its turn if more requests wait than a slice can have series', async () => {
    const letGo = holdStatements();
    const many600 = Array.from({ length: 600 }, (_, index) =>
      ask([wanting('m', `${index}a`), wanting('m', `${index}b`)]),
    );
    for (let statement = 0; statement < 5; statement++) await letGo();
    expect(many600).toEqual(many600.map((_, index) => [idOf('m', `${index}a`), idOf('m', `${index}b`)]));
  });

  it('does not count the time in which Postgres answers quickly as waiting', async () => {
    stored.before = (statement) => new Promise((resolve) => setTimeout(resolve, statement === 'series 500' ? 900 : 50));
    const large = ask(many(5_000));
    await pass(10 * 1_000);
    expect(large.length).toBe(5_000);
  });

  it('ends the wait for a statement that takes long, although others were quick', async () => {
    const letGo = holdStatements();
    const large = ask(many(1_000));
    await letGo();
    await letGo();
    await pass(WAIT_MS + 1_000);
    expect(large).toEqual([expect.stringContaining('no answer within')]);
  });

  it('uses smaller slices if labels are long', async () => {
    const long = Array.from({ length: 3 }, (_, index) => wanting('m', `${index}`.padEnd(600_000, 'x')));
    const results = ask(long);
    await pass(0);
    expect(stored.asked).toEqual(['metrics 1', 'series 2', 'series 1']);
    expect(results).toHaveLength(3);
  });

  it('waiting → refused: a full queue is answered 503, and has room again when its work is done', async () => {
    const letGo = holdStatements();
    ask(many(4_999));
    const [fits, tooMuch] = [ask([wanting('n')]), ask([wanting('o')])];
    await pass(0);
    expect([fits, tooMuch]).toEqual([[], [expect.stringMatching(/5000 new series wait.*STORE_QUEUE_SAMPLES/)]]);
    stored.before = () => Promise.resolve();
    await letGo();
    expect(fits).toHaveLength(1);
    const later = ask([wanting('o')]);
    await pass(0);
    expect(later).toEqual([expect.any(Number)]);
  });

  it('waiting → refused: labels that take too much memory are answered 503, unless no other request waits', async () => {
    const letGo = holdStatements();
    const small = catalogOn(stored, { series: { memoryLimitBytes: 64 * 1024 ** 2 } });
    const long = (index: number) => wanting('m', `${index}`.padEnd(4 * 1024 ** 2, 'x'));
    const [alone, other] = [ask([long(1), long(2)], small), ask([wanting('n')], small)];
    await pass(0);
    expect([alone, other]).toEqual([[], [expect.stringMatching(/MiB wait for Postgres/)]]);
    stored.before = () => Promise.resolve();
    await letGo();
    expect(alone).toHaveLength(2);
  });

  it('creating → refused: counts the series of the same slice against the limit', async () => {
    const limited = catalogOn(stored, { series: { perMetricLimit: 2 } });
    const results = [ask([wanting('m', 'a')], limited), ask([wanting('m', 'b'), wanting('m', 'c')], limited)];
    await pass(0);
    expect(results).toEqual([[expect.any(Number)], [expect.any(Number), 'series_limit']]);
    expect(stored.series.size).toBe(2);
  });

  it('creating → refused: refuses series of a metric that another process has created with another type', async () => {
    stored.addMetric({ name: 'm', type: 'counter' });
    const results = ask([wanting('m', 'a')]);
    await pass(0);
    expect([results, stored.asked]).toEqual([['type_conflict'], ['metrics 1']]);
  });

  it('creating → failed: rejects the requests of the slice, and continues with the next one', async () => {
    const letGo = holdStatements();
    const failed = ask([wanting('m')]);
    const next = ask([wanting('n')]);
    stored.before = (statement) => (statement === 'series 1' ? Promise.reject(OUT_OF_RANGE()) : Promise.resolve());
    await letGo();
    expect([failed, next]).toEqual([['integer out of range'], ['integer out of range']]);
    stored.before = () => Promise.resolve();
    const later = ask([wanting('m')]);
    await pass(0);
    expect(later).toEqual([expect.any(Number)]);
  });

  it('creating: waits out an outage', async () => {
    let failures = 3;
    stored.before = () => (failures-- > 0 ? Promise.reject(REFUSED()) : Promise.resolve());
    const results = ask([wanting('m')]);
    await pass(0);
    expect(results).toEqual([]);
    await pass(1_000);
    expect(results).toEqual([expect.any(Number)]);
  });

  it('creating → failed: gives up when the outage outlasts the wait', async () => {
    stored.before = () => Promise.reject(REFUSED());
    const results = ask([wanting('m')]);
    await pass(WAIT_MS - 600);
    expect(results).toEqual([]);
    await pass(600);
    expect(results).toEqual(['connect ECONNREFUSED']);
  });

  it('creating → failed: does not wait again for statements that have timed out before the wait is over', async () => {
    stored.before = () => Promise.reject(new DatabaseTimeoutError('no connection'));
    const setTimer = setTimeout;
    let timers = 0;
    // The clock stands still between two timers, so without this a wait that is repeated at once would never end.
    const limited = (...parameters: Parameters<typeof setTimeout>) => {
      if (++timers > 200) jest.advanceTimersByTime(WAIT_MS);
      return setTimer(...parameters);
    };
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(limited as typeof setTimeout);
    const results = ask([wanting('m')]);
    await pass(WAIT_MS);
    jest.restoreAllMocks();
    expect(timers).toBeLessThan(200);
    expect(results).toEqual(['no connection']);
  });

  it('creating → creating: starts again with the new id if another process has deleted the metric', async () => {
    ask([wanting('m', 'a')]);
    await pass(0);
    const before = catalog.findMetric('m')!;
    stored.deleteMetric('m');
    const results = ask([wanting('m', 'b')]);
    await pass(0);
    expect(stored.asked.slice(2)).toEqual(['series 1', 'metrics by id 1', 'metrics 1', 'series 1']);
    expect(before.isRemoved).toBe(true);
    expect(results).toEqual([catalog.findMetric('m')?.series.get('l="b"')?.id]);
  });

  it('creating → failed: gives up on a metric that is deleted repeatedly', async () => {
    ask([wanting('m', 'a')]);
    await pass(0);
    stored.before = (statement) => {
      if (statement === 'series 1') stored.deleteMetric('m');
      return Promise.resolve();
    };
    const results = ask([wanting('m', 'b')]);
    await pass(0);
    expect(results).toEqual([expect.stringMatching(/deleted or renamed repeatedly/)]);
    expect(stored.asked.filter((each) => each === 'series 1')).toHaveLength(1 + 5);
  });

  it('creating → creating: ignores ids of a database that was left meanwhile, and creates the series in the new one', async () => {
    const letGo = holdStatements();
    const results = ask([wanting('m', 'a')]);
    await letGo();
    stored.before = () => Promise.resolve();
    catalog.replaceBy(catalogOn(new StoredCatalog()));
    await letGo();
    // The series that the running statement creates are not in the new database.
    stored.deleteMetric('m');
    await pass(1_000);
    expect(stored.asked).toEqual(['metrics 1', 'series 1', 'series 1', 'metrics by id 0', 'metrics 1', 'series 1']);
    expect(results).toEqual([stored.series.get('m{l="a"}')?.id]);
    expect(catalog.findMetric('m')?.id).toBe(stored.metrics.get('m')?.id);
  });
});
