import fc from 'fast-check';
import { completeOptions } from '../../src/custom-metrics.options.js';
import type { MetricType } from '../../src/catalog/metric/metric.js';
import type { SeriesKind } from '../../src/catalog/series/series-kind.js';
import type { Aggregate } from '../../src/queries/history/aggregates/aggregate.js';
import type { RangeQueryDto } from '../../src/queries/history/dto/range-query.dto.js';
import type { RangeQueryResponse } from '../../src/queries/history/dto/range-query.response.js';
import { RangePoints } from '../../src/queries/history/range/range-points.js';
import { RangeQueryService } from '../../src/queries/history/range/range-query.service.js';
import { FakeSampleReader, historyOf, metricOf, NOW, type Pushed, readJson, seriesOf } from './history-fixtures.js';

export const SPAN = 100_000;
export const FROM = NOW - SPAN;

/** The pushed samples, and limits for reading them. */
export interface Case {
  readonly type?: MetricType;
  readonly kinds: readonly SeriesKind[];
  readonly pushed: readonly Pushed[];
  /** Number of samples that one read may return. */
  readonly capacity?: number;
  readonly createdAt?: number;
  readonly maxSamples?: number;
}

/** A request for points; `aggregate` can be a single aggregate or a list. */
export type Request = Omit<Partial<RangeQueryDto>, 'aggregate'> & { readonly aggregate: Aggregate | Aggregate[] };

/** Sends a request to a service that reads the pushed samples. */
export function ask(given: Case, { aggregate, ...request }: Request): Promise<RangeQueryResponse> {
  const metric = metricOf(given.type ?? 'counter');
  const series = seriesOf(metric, given.kinds, given.createdAt);
  const reader = new FakeSampleReader(series, given.pushed, given.capacity);
  const { maxSamples = 1e9 } = given;
  const [selection, scan, ...others] = historyOf(metric, series, reader, { maxPoints: 1e6, maxSamples });
  const service = new RangeQueryService(selection, new RangePoints(scan, completeOptions({})), ...others);
  return readJson(
    service.query({
      metric: metric.name,
      label: [],
      groupBy: [],
      from: String(FROM),
      to: String(NOW),
      step: '10s',
      weekStart: 'monday',
      aggregate: [aggregate].flat(),
      ...request,
    }),
  );
}

/** Returns the values of the points of each line. */
export async function valuesOf(given: Case, request: Request) {
  return (await ask(given, request)).series.map(({ points }) => points.map(({ value }) => value!));
}

export function sumOf(points: readonly (readonly (number | null)[])[]): number {
  return points.flat().reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/**
 * Generates pushes. The values are whole numbers, so that sums are exact. Some samples are older than the range, and some are
 * at its end.
 */
export const pushes = (seriesCount: number) =>
  fc.array(
    fc.record({
      series: fc.nat(seriesCount - 1),
      at: fc.integer({ min: FROM - 20_000, max: NOW }),
      value: fc.integer({ min: 0, max: 1_000 }),
    }),
    { maxLength: 60 },
  );

/** Generates pushes with stale markers among them. */
export const pushesAndMarkers = (seriesCount: number) =>
  pushes(seriesCount).chain((pushed) =>
    fc
      .array(fc.boolean(), { minLength: pushed.length, maxLength: pushed.length })
      .map((markers) => pushed.map((each, index) => (markers[index] ? { ...each, value: NaN } : each))),
  );

/** Numbers of samples that one read may return. */
export const capacities = fc.constantFrom(1, 3, 10, Infinity);
