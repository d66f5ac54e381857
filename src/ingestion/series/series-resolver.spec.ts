import { IngestionOnStore, SENDER } from '../../../test/support/machines/ingestion.js';
import { wanting } from '../../../test/support/machines/stored-catalog.js';
import { Refusal } from '../../catalog/refusal.js';
import type { SeriesRequest } from '../../catalog/series/series-plan.js';
import { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';
import type { Sender } from '../sender.js';
import { conflictOf, isSumOfHistogram } from './series-resolver.js';

/**
 * The result for an item is a known series, a request to create one, or a refusal. The checks are done in this order: the lengths
 * of texts, the name, unit and type against the metric, the labels, the part of a histogram, the service's own metrics, the
 * temporality against the series, and the sign of a delta.
 */
describe('SeriesResolver', () => {
  let machine: IngestionOnStore;

  beforeEach(() => {
    machine = new IngestionOnStore({ series: { maxLabels: 3 } });
  });

  async function create(...requests: readonly SeriesRequest[]): Promise<Series[]> {
    const created = await machine.catalog.ensureSeries(requests);
    return created.filter((each) => each instanceof Series);
  }

  /** Resolves an item with the value 1 to a series, a request, or the reason of a refusal. */
  function resolve(sample: Partial<IncomingSample> & { name: string }, sender: Partial<Sender> = {}) {
    const resolved = machine.resolver.resolve({ value: 1, ...sample }, { ...SENDER, ...sender });
    return resolved instanceof Refusal ? resolved.reason : resolved;
  }

  describe('a series that is known', () => {
    it('is found by its name and labels, in any order and form', async () => {
      const [series] = await create(
        wanting('m', '', {
          labels: [
            ['a', '1'],
            ['b', 'true'],
          ],
          labelsText: 'a="1",b="true"',
        }),
      );
      expect(resolve({ name: 'm', labels: { b: true, a: 1, empty: '' } })).toBe(series);
    });

    it('is found with the labels of the token, which override those of the item', async () => {
      const [series] = await create(wanting('m', 'token'));
      expect(resolve({ name: 'm', labels: { l: 'item' } }, { labels: { l: 'token' } })).toBe(series);
    });

    it('is also returned for a negative delta, which is checked later with the whole batch', async () => {
      const [series] = await create(wanting('m_total', '', { type: 'counter', temporality: 'delta' }));
      expect(resolve({ name: 'm_total', value: -1 })).toBe(series);
    });

    it('is refused for an item of the other temporality', async () => {
      await create(wanting('m_total', '', { type: 'counter', temporality: 'delta' }));
      expect(resolve({ name: 'm_total', temporality: 'cumulative' })).toBe('temporality_conflict');
    });
  });

  describe('a series that is not known', () => {
    it('is requested with everything that is needed to create it', () => {
      expect(
        resolve(
          { name: 'm total', labels: { b: 'x', a: 2 }, help: 'Help', unit: 's', type: 'counter' },
          { tokenId: 9 },
        ),
      ).toEqual({
        name: 'm_total',
        type: 'counter',
        declaration: { help: 'Help', unit: 's' },
        labels: [
          ['a', '2'],
          ['b', 'x'],
        ],
        labelsText: 'a="2",b="x"',
        temporality: 'delta',
        isTemporalityGiven: false,
        isScraped: false,
        tokenId: 9,
      });
    });

    it.each([
      ['by its name', 'm_total', undefined, 'counter'],
      ['by its name', 'm', undefined, 'gauge'],
      ['by the type in the item', 'm_total', 'gauge', 'gauge'],
      ['by its metric', 'known', undefined, 'counter'],
    ] as const)('has its type %s', async (_by, name, type, expected) => {
      await create(wanting('known', 'other', { type: 'counter', temporality: 'delta' }));
      expect(resolve({ name, type })).toMatchObject({ type: expected });
    });

    it.each([
      ['the item, before all others', 'declared_total', 'delta', 'delta', true],
      ['its metric, before the token', 'declared_total', undefined, 'cumulative', false],
      ['the token, before the server', 'm_total', undefined, 'cumulative', false],
    ] as const)('takes the temporality of %s', async (_of, name, temporality, expected, isGiven) => {
      machine.stored.addMetric({ name: 'declared_total', type: 'counter', temporality: 'cumulative' });
      await create(wanting('declared_total', 'other', { type: 'counter', temporality: 'cumulative' }));
      const defaultTemporality = name === 'm_total' ? 'cumulative' : 'delta';
      expect(resolve({ name, temporality }, { defaultTemporality })).toMatchObject({
        temporality: expected,
        isTemporalityGiven: isGiven,
      });
    });

    it('is refused for a negative delta, but not as the sum of a histogram', () => {
      expect(resolve({ name: 'm_total', value: -1 })).toBe('negative_delta');
      const histogram = { name: 'h', item: 0 };
      expect(resolve({ name: 'h_sum', value: -1, histogram })).toMatchObject({ name: 'h_sum', temporality: 'delta' });
      expect([
        isSumOfHistogram({ name: 'h_sum', value: 1 }),
        resolve({ name: 'h_count', value: -1, histogram }),
      ]).toEqual([false, 'negative_delta']);
    });
  });

  describe('a gauge', () => {
    it.each([
      ['shows its values', undefined, undefined, null],
      ['adds changes if the item says gauge and delta', 'gauge', 'delta', 'delta'],
      ['shows its values if the item says delta without a type', undefined, 'delta', null],
      ['shows its values if the item says cumulative', 'gauge', 'cumulative', null],
    ] as const)('without a series %s', (_how, type, temporality, expected) => {
      expect(resolve({ name: 'm', type, temporality }, { defaultTemporality: 'delta' })).toMatchObject({
        temporality: expected,
      });
    });

    it('of changes continues to accept changes, and refuses an explicit total', async () => {
      const [series] = await create(wanting('m', '', { temporality: 'delta' }));
      expect([resolve({ name: 'm' }), resolve({ name: 'm', temporality: 'delta' })]).toEqual([series, series]);
      expect(resolve({ name: 'm', temporality: 'cumulative' })).toBe('temporality_conflict');
    });

    it('of values refuses changes', async () => {
      const [series] = await create(wanting('m'));
      expect([conflictOf(series!, null), conflictOf(series!, 'delta')?.reason]).toEqual([
        undefined,
        'temporality_conflict',
      ]);
      expect(resolve({ name: 'm', type: 'gauge', temporality: 'delta' })).toBe('temporality_conflict');
    });
  });

  describe('a refusal', () => {
    it.each([
      ['name_too_long', { name: 'm'.repeat(201) }],
      ['help_too_long', { name: 'm', help: 'h'.repeat(1_001) }],
      ['name_invalid', { name: '' }],
      ['name_invalid', { name: '!' }],
      ['label_name_invalid', { name: 'm', labels: { '': 'x' } }],
      ['label_name_invalid', { name: 'm', labels: { __name__: 'x' } }],
      ['label_name_duplicate', { name: 'm', labels: { 'a b': 'x', a_b: 'y' } }],
      ['too_many_labels', { name: 'm', labels: { a: 1, b: 2, c: 3, d: 4 } }],
      ['label_value_too_long', { name: 'm', labels: { a: 'x'.repeat(1_001) } }],
      ['reserved_name', { name: 'up' }],
    ] as const)('%s, case %#', (reason, sample) => {
      expect(resolve(sample)).toBe(reason);
    });

    it('for too many labels counts those of the token as well', () => {
      const labels = { a: 1, b: 2, c: 3 };
      expect(resolve({ name: 'm', labels })).toMatchObject({ name: 'm' });
      expect(resolve({ name: 'm', labels }, { labels: { d: 'x' } })).toBe('too_many_labels');
    });

    it('names a conflict with the declaration of the metric', async () => {
      machine.stored.addMetric({ name: 'm', type: 'gauge', unit: 's' });
      await create(wanting('m', 'other'));
      expect([resolve({ name: 'm', unit: 'ms' }), resolve({ name: 'm', type: 'counter' })]).toEqual([
        'unit_conflict',
        'type_conflict',
      ]);
      expect(resolve({ name: 'm', unit: 's', type: 'gauge' })).toMatchObject({ name: 'm' });
    });

    it('is also returned for parts that do not fit their declared histogram', async () => {
      await machine.catalog.ensureMetric({ name: 'h', type: 'histogram' });
      const reasons = [
        resolve({ name: 'h' }),
        resolve({ name: 'h_sum', type: 'gauge' }),
        resolve({ name: 'h_bucket' }),
        resolve({ name: 'h_bucket', labels: { le: 'much' } }),
        resolve({ name: 'h_sum', labels: { le: '1' } }),
      ];
      expect(reasons).toEqual([
        'type_conflict',
        'type_conflict',
        'bucket_label_invalid',
        'bucket_label_invalid',
        'bucket_label_invalid',
      ]);
      expect(resolve({ name: 'h_bucket', labels: { le: '+Inf' } })).toMatchObject({ type: 'counter' });
    });
  });

  describe('find, for a stale marker', () => {
    const find = (sample: Partial<IncomingSample> & { name: string }) =>
      machine.resolver.find({ value: NaN, isStale: true, ...sample }, SENDER);

    it('finds the series by name and labels only, and creates nothing', async () => {
      const [series] = await create(wanting('m', 'a'));
      expect(find({ name: 'm', labels: { l: 'a' }, type: 'counter', unit: 'ms' })).toBe(series);
      expect([find({ name: 'm' }), find({ name: 'n' }), find({ name: '' }), find({ name: 'm'.repeat(201) })]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(find({ name: 'm', labels: { __l: 'a' } })).toBeUndefined();
    });
  });
});
