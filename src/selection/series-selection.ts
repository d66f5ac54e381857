import { Injectable, NotFoundException } from '@nestjs/common';
import { CatalogCatchUp } from '../catalog/catalog-catch-up.js';
import { Catalog } from '../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../catalog/histogram-family.js';
import type { Metric } from '../catalog/metric.js';
import type { Series } from '../catalog/series.js';
import { BadDataError } from '../http/errors.js';
import { matcherOf, parseLabelFilter } from './label-filter.js';
import { nearestName } from './nearest-name.js';

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
    private readonly catchUp: CatalogCatchUp,
  ) {}

  /**
   * Also finds what another process made a moment ago: who got a 202 for it may ask for it.
   *
   * @param labels `name=value` texts
   * @throws NotFoundException with a hint for a metric that nobody pushed; BadDataError for labels of another form, or a
   *   histogram, which has no samples of its own
   */
  async select(metricName: string, labels: readonly string[]): Promise<SelectedSeries> {
    const filter = parseLabelFilter(labels);
    await this.catchUp.ofMetric(metricName);
    const metric = this.catalog.findMetric(metricName);
    if (metric === undefined) throw this.unknownMetric(metricName);
    if (metric.type === 'histogram') throw isHistogram(metricName);
    // Two processes learn of new series in different orders; ids are the same everywhere.
    const series = [...metric.series.values()].filter(matcherOf(filter)).toSorted((a, b) => a.id - b.id);
    return { metric, series };
  }

  /** Every series there is, in the order of their ids. */
  async all(): Promise<Series[]> {
    await this.catchUp.ofAllSeries();
    return [...this.catalog.allSeries()].toSorted((a, b) => a.id - b.id);
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
