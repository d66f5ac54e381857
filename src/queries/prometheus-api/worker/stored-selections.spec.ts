import { planFor } from '../../../../test/support/promql-query.js';
import type { LogRow } from '../../../sample-store/log/log-row.js';
import { SampleArrays } from '../../../sample-store/reading/columns/sample-arrays.js';
import type { LogFilter, StoreView } from '../../../sample-store/reading/store-view.js';
import { WorkerQuery } from './parts/answer-parts.js';
import type { QueryTask, StoredInput } from './evaluation-task.js';
import type { NamedSeries } from './packed-names.js';
import { sharedClockMs } from './shared-clock.js';
import { StoredSelections } from './stored-selections.js';

const NOW = 1_700_000_000_000;
const SAMPLES = 50;
const SERIES = 700;

const series: NamedSeries[] = Array.from({ length: SERIES }, (_, index) => ({
  id: 64 + index,
  name: 'queue',
  // The order of the labels is not that of the ids.
  labelsText: `host="h${index % 7}",n="${(index * 37) % SERIES}"`,
  kind: 'gauge',
  canOnlyRise: false,
  isGauge: true,
  isScraped: false,
  isStaleBefore: false,
}));

/** A store whose samples are all in the log. Series 0 has twice as many samples as each of the others. */
class LogView implements StoreView {
  readonly blocks: StoreView['blocks'] = {
    overlapping: none,
    since: none,
    falls: () => Promise.resolve(new Map()),
    newestBefore: () => Promise.resolve([]),
    bytes: () => Promise.resolve([]),
  };
  readonly chunks = none;
  readonly chunkSums = none;
  readonly deltaSumsSince = none;
  readonly totalsOf = () => Promise.resolve([]);
  readonly lastSamplesBefore = () => Promise.resolve([]);
  readings = 0;

  async *rows({ seriesIds, from = -Infinity, to = Infinity }: LogFilter): AsyncGenerator<LogRow[]> {
    this.readings++;
    const ids = series.map(({ id }) => id).filter((id) => seriesIds?.includes(id) ?? true);
    for (let tick = 0; tick < 2 * SAMPLES; tick++) {
      const at = NOW - tick * 1_000;
      const present = tick < SAMPLES ? ids : ids.filter((id) => id === 64);
      if (at < from || at >= to || present.length === 0) continue;
      const values = Float64Array.from(present, (id) => ((id * 31 + tick * 17) % 100) / 8);
      yield [
        { writerId: 1, sequence: tick, receivedAt: at, seriesIds: Int32Array.from(present), timestamps: null, values },
      ];
    }
  }
}

async function* none(): AsyncGenerator<never> {}

interface Limits {
  readonly maxSamples: number;
  readonly maxSeries: number;
}

/**
 * Returns the JSON of the answer, the lengths of the parts in which series were added to the query, and the number of arrays for
 * samples that had not been given back when everything was read.
 */
async function answer(query: string, { maxSamples, maxSeries }: Limits) {
  const plan = planFor(query, {
    kind: 'range',
    startMs: NOW - 20_000,
    endMs: NOW,
    stepMs: 1_000,
    nowMs: NOW,
    defaultView: 'raw',
  });
  const task: QueryTask = {
    kind: 'query',
    plan,
    limit: 0,
    rules: { gridMs: 15_000, gaugeTimeToLiveMs: Infinity, counterTimeToLiveMs: Infinity },
    selections: plan.requests.map(({ view }) => ({ view, readFromMs: NOW - 200_000 })),
    maxSamples,
    maxSeries,
    deadline: sharedClockMs() + 60_000,
  };
  const stored: StoredInput = {
    schema: 'public',
    ranges: plan.requests.map(() => ({
      from: NOW - 200_000,
      to: NOW + 1,
      needsBefore: false,
      firstValueAt: undefined,
      edges: undefined,
      seriesCount: SERIES,
    })),
    foldable: new Set(plan.folds.keys()),
    maxSamples,
    maxSeries,
  };
  const given = plan.requests.map(() => 0);
  const names = {
    nextSeries: (selector: number, count: number) => {
      const first = given[selector]!;
      given[selector] = Math.min(SERIES, first + count);
      return Promise.resolve(series.slice(first, given[selector]));
    },
  };
  const evaluated = new WorkerQuery(task);
  const folds: number[] = [];
  const recorded: Pick<WorkerQuery, 'fold'> = {
    fold: (selector, part) => {
      folds.push(part.length);
      evaluated.fold(selector, part);
    },
  };
  arrays.endTask();
  const selected = await new StoredSelections(task, stored, names, new LogView(), recorded, arrays).read();
  const { taken } = arrays;
  const decoder = new TextDecoder();
  let json = '';
  for (const part of evaluated.parts(selected)) json += decoder.decode(part, { stream: true });
  return { json, folds, taken };
}

/** All tasks use the same arrays, one after the other. */
const arrays = new SampleArrays();

const AMPLE = { maxSamples: 1_000_000, maxSeries: 2_000 };
const SUMS = ['sum by (host) (queue)', 'max by (host) (queue) / on (host) count by (host) (rate(queue[10s]))'];

describe('the series of a query that a worker reads', () => {
  it.each(SUMS)('are all kept if they are few: %s', async (query) => {
    const { json, folds } = await answer(query, AMPLE);
    expect(JSON.parse(json)).toMatchObject({ data: { result: { length: 7 } } });
    expect(folds).toEqual([]);
  });

  it.each(SUMS)(
    'are added in slices if there are too many of them or of their samples, with the same answer: %s',
    async (query) => {
      const { json, taken } = await answer(query, AMPLE);
      expect(taken).toBeGreaterThan(0);
      for (const limits of [
        { ...AMPLE, maxSeries: 100 },
        { ...AMPLE, maxSamples: 28_000 },
        { ...AMPLE, maxSamples: 2_500 },
        // The samples fit into the limit, but together with the values of all steps they do not.
        { ...AMPLE, maxSamples: 37_000 },
      ]) {
        const sliced = await answer(query, limits);
        expect(sliced.json).toBe(json);
        expect(sliced.folds.length).toBeGreaterThan(0);
        expect(sliced.taken).toBe(0);
        expect(Math.max(...sliced.folds) * (SAMPLES + 21)).toBeLessThan(limits.maxSamples + 2 * SAMPLES + 21);
      }
    },
  );

  it('are refused if a single one has too many samples, or if all of them have to be present', async () => {
    await expect(answer(SUMS[0]!, { ...AMPLE, maxSamples: 2 * SAMPLES - 1 })).rejects.toThrow('PROMQL_MAX_SAMPLES');
    await expect(answer('topk(1, queue)', { ...AMPLE, maxSamples: 12_000 })).rejects.toThrow('PROMQL_MAX_SAMPLES');
  });
});
