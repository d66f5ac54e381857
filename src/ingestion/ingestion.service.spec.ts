import { IngestionOnStore, nameOf, SENDER } from '../../test/support/machines/ingestion.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import type { IngestResult } from './ingest-result.js';
import type { IncomingSample } from './incoming-sample.js';

const HOUR_MS = 3_600_000;

/**
 * First the known series of a batch are found, then missing ones are created, then the batch is split into rows and refusals,
 * and then the rows are appended. Ingestion ends early if no item is accepted, or if it is strict and an item is refused. An
 * item is known to the memo or the catalog, is missing (its series has to be created, or its metric lacks a help or unit), or
 * is refused.
 */
describe('IngestionService', () => {
  let machine: IngestionOnStore;

  beforeEach(() => {
    machine = new IngestionOnStore({ ingest: { maxSamples: 5 }, store: { retentionDays: 1 } });
  });

  /** Ingests items with the value 1, and returns their outcomes. */
  async function ingest(items: readonly (Partial<IncomingSample> & { name: string })[], isStrict = false) {
    const samples = items.map((item) => ({ value: 1, ...item }));
    return told(await machine.service.ingest(samples, SENDER, isStrict));
  }

  function told({ accepted, refused, series }: IngestResult) {
    return {
      accepted,
      series: series.map(nameOf),
      refused: refused.map(({ index, refusal }) => `${index} ${refusal.reason}`),
    };
  }

  describe('missing → created → appended', () => {
    it('creates missing series, and appends the batch as one row', async () => {
      const result = await ingest([
        { name: 'm', labels: { l: 'a' } },
        { name: 'n', value: 5 },
      ]);
      expect(result).toEqual({ accepted: 2, series: ['m{l="a"}', 'n'], refused: [] });
      expect([machine.lastRow, machine.accepted]).toEqual([['m{l="a"} 1', 'n 5'], 2]);
      expect(machine.stored.asked).toEqual(['metrics 2', 'series 2']);
    });

    it('refuses an item whose series was just created with the other temporality by an item of the same batch', async () => {
      const result = await ingest([
        { name: 'm_total', temporality: 'delta' },
        { name: 'm_total', temporality: 'cumulative' },
      ]);
      expect(result).toEqual({ accepted: 1, series: ['m_total'], refused: ['1 temporality_conflict'] });
    });

    it('refuses items that the catalog refuses', async () => {
      machine = new IngestionOnStore({ series: { limit: 1 } });
      expect(await ingest([{ name: 'm' }, { name: 'n' }])).toMatchObject({ accepted: 1, refused: ['1 series_limit'] });
      expect(machine.refusedReasons).toEqual(['series_limit']);
    });

    it('appends nothing when the creation fails', async () => {
      machine.stored.before = () => Promise.reject(new Error('lost'));
      await expect(ingest([{ name: 'm' }])).rejects.toThrow('lost');
      expect([machine.appended, machine.accepted]).toEqual([[], 0]);
    });
  });

  describe('known → appended', () => {
    it('does not query the database for a known series', async () => {
      await ingest([{ name: 'm' }]);
      const { length } = machine.stored.asked;
      expect(await ingest([{ name: 'm', value: 2 }])).toMatchObject({ accepted: 1 });
      expect([machine.lastRow, machine.stored.asked.length]).toEqual([['m 2'], length]);
    });

    it('clears its memo if a metric is deleted, and creates the series again', async () => {
      await ingest([{ name: 'm' }]);
      const before = machine.catalog.findMetric('m')!;
      machine.stored.deleteMetric('m');
      await machine.catalog.drop({ metricIds: [before.id] });
      expect(await ingest([{ name: 'm' }])).toMatchObject({ accepted: 1 });
      expect(machine.appended.at(-1)!.samples.series[0]!.metric).not.toBe(before);
    });

    it('does not remember an item whose metric is renamed while its batch is processed', async () => {
      await ingest([{ name: 'm' }]);
      machine.stored.before = async (statement) => {
        if (statement !== 'describe 1') return;
        machine.stored.rename({ from: 'm', to: 'renamed' });
        await machine.catalog.takeMetrics([...machine.stored.metrics.values()]);
        // This batch clears the memo, so nothing else would clear it after the first batch.
        await ingest([{ name: 'other' }]);
      };
      await ingest([{ name: 'm', help: 'Help' }]);
      await ingest([{ name: 'm' }]);
      expect(machine.catalog.findMetric('m')).not.toBe(machine.catalog.findMetric('renamed'));
      for (const { samples } of machine.appended.slice(-2)) {
        expect(samples.series[0]!.metric).toBe(machine.catalog.findMetric('m'));
      }
    });

    it('sets the help and the unit of a metric once', async () => {
      await ingest([{ name: 'm' }]);
      await ingest([{ name: 'm', help: 'Help', unit: 's' }]);
      await ingest([{ name: 'm', help: 'Another help', unit: 's' }]);
      expect(machine.catalog.findMetric('m')).toMatchObject({ help: 'Help', unit: 's' });
      expect(machine.stored.asked.filter((each) => each === 'describe 1')).toHaveLength(1);
    });

    it('refuses an item that contradicts the declaration by an earlier item of the batch', async () => {
      await ingest([{ name: 'm' }]);
      const result = await ingest([
        { name: 'm', unit: 's' },
        { name: 'm', unit: 'ms' },
      ]);
      expect(result).toMatchObject({ accepted: 1, refused: ['1 unit_conflict'] });
    });

    it('accepts samples of series that a receiver already knows, and does not check them again', async () => {
      await ingest([{ name: 'm' }]);
      const { series } = machine.appended[0]!.samples;
      await machine.service.ingestKnown(series, Float64Array.of(7), null);
      expect([machine.lastRow, machine.accepted, machine.appended[1]!.samples.timestamps]).toEqual([['m 7'], 2, null]);
    });
  });

  describe('refused', () => {
    it.each<[string, Partial<IncomingSample>]>([
      ['value_invalid', { value: Infinity, type: 'counter' }],
      ['value_invalid', { value: -Infinity, temporality: 'delta', type: 'gauge' }],
      ['value_invalid', { value: NaN }],
      ['value_invalid', { value: '3' as unknown as number }],
      ['timestamp_too_old', { timestamp: Date.now() - 25 * HOUR_MS }],
      ['timestamp_too_new', { timestamp: Date.now() + HOUR_MS }],
      ['label_value_too_long', { labels: { l: 'x'.repeat(1_001) } }],
      ['name_invalid', { name: '' }],
    ])('%s: leaves out the item, and accepts the others', async (reason, item) => {
      const result = await ingest([{ name: 'bad', ...item }, { name: 'good' }]);
      expect(result).toEqual({ accepted: 1, series: ['good'], refused: [`0 ${reason}`] });
      expect([machine.lastRow, machine.refusedReasons, machine.stored.series.size]).toEqual([['good 1'], [reason], 1]);
    });

    it('refuses an infinite value of a known counter, and takes that of a gauge', async () => {
      await ingest([{ name: 'm_total' }, { name: 'm' }]);
      const result = await ingest([
        { name: 'm_total', value: Infinity },
        { name: 'm', value: -Infinity },
      ]);
      expect(result).toEqual({ accepted: 1, series: ['m'], refused: ['0 value_invalid'] });
      expect(machine.lastRow).toEqual(['m -Infinity']);
    });

    it('processes only the first items if there are too many', async () => {
      const result = await ingest(Array.from({ length: 7 }, () => ({ name: 'm' })));
      expect(result).toMatchObject({ accepted: 5, refused: ['5 too_many_samples', '6 too_many_samples'] });
    });

    it('refuses a negative delta of a known series', async () => {
      await ingest([{ name: 'm_total' }]);
      expect(await ingest([{ name: 'm_total', value: -1 }])).toMatchObject({
        accepted: 0,
        refused: ['0 negative_delta'],
      });
      expect(machine.appended).toHaveLength(1);
    });
  });

  describe('strict', () => {
    it('stores nothing, and creates no series, when an item is refused', async () => {
      const result = await ingest([{ name: 'good' }, { name: '' }], true);
      expect(result).toEqual({ accepted: 0, series: [], refused: ['1 name_invalid'] });
      expect([machine.appended, machine.stored.asked, machine.refusedReasons]).toEqual([[], [], ['name_invalid']]);
    });

    it('stores nothing when an item is refused only after series were created', async () => {
      machine = new IngestionOnStore({ series: { limit: 1 } });
      expect(await ingest([{ name: 'm' }, { name: 'n' }], true)).toEqual({
        accepted: 0,
        series: [],
        refused: ['1 series_limit'],
      });
      expect(machine.appended).toEqual([]);
    });

    it('stores all when nothing is refused', async () => {
      expect(await ingest([{ name: 'm' }, { name: 'n' }], true)).toMatchObject({ accepted: 2 });
    });
  });

  describe('a stale marker', () => {
    it('ends an existing series, and has no effect on a missing one', async () => {
      await ingest([{ name: 'm' }]);
      const marker = { value: NaN, isStale: true };
      expect(
        await ingest([
          { name: 'm', ...marker },
          { name: 'n', ...marker },
        ]),
      ).toEqual({
        accepted: 1,
        series: ['m'],
        refused: [],
      });
      expect([machine.lastRow, machine.stored.series.size]).toEqual([['m NaN'], 1]);
    });
  });

  describe('a histogram', () => {
    const part = (suffix: string, value: number) => ({ name: `h${suffix}`, value, histogram: { name: 'h', item: 0 } });

    it.each(['metrics', 'series'])(
      'is stored under one name if it is renamed while its %s are created',
      async (kind) => {
        const bucket = (le: string) => ({ ...part('_bucket', 1), labels: { le } });
        await ingest([bucket('1'), part('_count', 1)]);
        let isRenamed = false;
        machine.stored.before = async (statement) => {
          if (isRenamed || !statement.startsWith(kind)) return;
          isRenamed = true;
          machine.stored.rename(
            ...['', '_bucket', '_count'].map((suffix) => ({ from: `h${suffix}`, to: `g${suffix}` })),
          );
        };
        // One bucket and the sum are new, so their series are created while the others are known.
        await ingest([bucket('1'), bucket('2'), part('_sum', 3), part('_count', 1)]);
        expect(machine.lastRow).toEqual(['h_bucket{le="1"} 1', 'h_bucket{le="2"} 1', 'h_sum 3', 'h_count 1']);
        expect(machine.catalog.findMetric('g')?.type).toBe('histogram');
      },
    );

    it('is declared once, with its first parts', async () => {
      await ingest([part('_sum', 3), part('_count', 1)]);
      await ingest([part('_sum', 3), part('_count', 1)]);
      expect(machine.catalog.findMetric('h')?.type).toBe('histogram');
      expect(machine.stored.asked).toEqual(['metrics 1', 'metrics 2', 'series 2']);
    });

    it('is refused as a whole if one of its parts is refused', async () => {
      const result = await ingest([part('_sum', 3), part('_count', -1), { name: 'good' }]);
      expect(result).toEqual({ accepted: 1, series: ['good'], refused: ['0 negative_delta', '1 negative_delta'] });
    });

    it('is refused as a whole if its name cannot be declared', async () => {
      machine.stored.addMetric({ name: 'h', type: 'gauge' });
      expect(await ingest([part('_sum', 3), part('_count', 1)])).toMatchObject({
        accepted: 0,
        refused: ['0 type_conflict', '1 type_conflict'],
      });
      expect(machine.stored.series.size).toBe(0);
    });
  });

  describe('times', () => {
    it('are passed to the row only if an item has a timestamp, and are whole milliseconds', async () => {
      const at = Date.now() - HOUR_MS;
      await ingest([{ name: 'm' }, { name: 'n', timestamp: at + 0.5 }]);
      expect(machine.lastRow).toEqual(['m 1', `n 1 @${at}`]);
    });

    it('add a zero before a running total that starts again after the last sample', async () => {
      const at = Date.now() - HOUR_MS;
      const total = { name: 'm_total', temporality: 'cumulative' } as const;
      await ingest([{ ...total, value: 5, timestamp: at }]);
      machine.live.apply({ ...machine.appended[0]!.samples, writerId: 1, sequence: 1, receivedAt: at });
      await ingest([{ ...total, value: 8, timestamp: at + 2_000, startedAt: at + 1_000 }]);
      expect(machine.lastRow).toEqual([`m_total 0 @${at + 1_000}`, `m_total 8 @${at + 2_000}`]);
      expect(machine.accepted).toBe(2);
    });
  });

  it('appended → failed: throws the error of the store, and counts no sample as accepted', async () => {
    machine.appendError = new StoreUnavailableError('full');
    await expect(ingest([{ name: 'm' }])).rejects.toBe(machine.appendError);
    expect(machine.accepted).toBe(0);
  });
});
