import { Injectable, NotFoundException } from '@nestjs/common';
import { CatalogRefresh } from '../../catalog/catalog-refresh.js';
import { Catalog } from '../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import type { Metric } from '../../catalog/series/series.js';
import type { Series } from '../../catalog/series/series.js';
import { BadDataError } from '../../http/answers/errors.js';
import { sortedInTurns } from '../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../scheduling/turns.js';
import { matcherOf, parseLabelFilter } from './label-filter.js';
import { nearestName } from '../../outside-text/nearest-name.js';

/** A metric and those of its series that a request asks for, in the order of their ids. */
export interface SelectedSeries {
  readonly metric: Metric;
  readonly series: readonly Series[];
}

/** Finds what a request names; shared by the front doors that ask about what is there. */
@Injectable()
export class SeriesSelection {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
  ) {}

  /**
   * Also finds what another process made a moment ago: who got a 202 for it may ask for it.
   *
   * @param labels `name=value` texts
   * @param signal ends the search when nobody waits for it any more
   * @throws NotFoundException with a hint for a metric that nobody pushed; BadDataError for labels of another form, or a
   *   histogram, which has no samples of its own
   */
  async select(metricName: string, labels: readonly string[], signal?: AbortSignal): Promise<SelectedSeries> {
    const filter = parseLabelFilter(labels);
    await this.refresh.ofMetric(metricName);
    const metric = this.catalog.findMetric(metricName);
    if (metric === undefined) throw this.unknownMetric(metricName);
    if (metric.type === 'histogram') throw isHistogram(metricName);
    return { metric, series: await inOrderOfIds(metric.series.values(), matcherOf(filter), signal) };
  }

  /** Every series there is, in the order of their ids. */
  async all(signal?: AbortSignal): Promise<Series[]> {
    await this.refresh.ofAllSeries();
    return inOrderOfIds(this.catalog.allSeries(), () => true, signal);
  }

  /** What to answer to a name that no metric has. */
  unknownMetric(name: string): NotFoundException {
    const nearest = nearestName(name, namesOf(this.catalog.metrics));
    const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
    return new NotFoundException(
      `There is no metric ${name.slice(0, 200)}.${hint} GET /api/history/metrics lists all; one exists from its first push on.`,
    );
  }
}

/**
 * The series that match, in the order of their ids: two processes learn of new series in different orders, and ids are the
 * same everywhere. A metric may have a million series, so others get turns.
 */
async function inOrderOfIds(
  candidates: Iterable<Series>,
  matches: (series: Series) => boolean,
  signal: AbortSignal | undefined,
): Promise<Series[]> {
  const turns = new Turns();
  const found: Series[] = [];
  let isSorted = true;
  for (const series of candidates) {
    if (matches(series)) {
      isSorted &&= found.length === 0 || found.at(-1)!.id < series.id;
      found.push(series);
    }
    if (turns.isUp) {
      await turns.give();
      signal?.throwIfAborted();
    }
  }
  return isSorted ? found : sortedInTurns(found, (a, b) => a.id - b.id);
}

function* namesOf(metrics: Iterable<Metric>): Generator<string> {
  for (const { name } of metrics) yield name;
}

function isHistogram(name: string): BadDataError {
  const parts = Object.values(HISTOGRAM_SUFFIX).map((suffix) => name + suffix);
  return new BadDataError([
    {
      path: '/query/metric',
      message: `The \`/query/metric\` property names a histogram, whose samples are those of the counters ${parts.join(', ')}. Ask for one of them.`,
    },
  ]);
}
