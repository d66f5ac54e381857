import type { Catalog } from '../catalog/catalog.js';
import { bucketBoundOf, HISTOGRAM_SUFFIX } from '../catalog/histogram-family.js';
import { labelsFromText, labelSetOf, labelsToText } from '../catalog/label-set.js';
import type { Series } from '../catalog/series.js';
import type { LiveValues } from './live-values.js';
import { formatSample } from './page-format.js';

/** The parts of a histogram that share all labels but `le`. */
interface Part {
  readonly buckets: { bound: number; series: Series }[];
  sum?: Series;
  count?: Series;
}

/**
 * The samples of a histogram as both formats want them: for each set of labels its buckets by rising bound, then sum and
 * count. A series from before the declaration that no histogram can have, such as a bucket without a bound, is left out:
 * it would break the page.
 *
 * Senders may use different bounds. Each bound counts what was sent for it, which can be less than what was sent for a
 * lower one; a bucket is shown with at least what the one below it has, as `histogram_quantile` reads it, too, and neither
 * ever falls by that. `+Inf` is the count, which every sender has.
 */
export class HistogramLines implements Iterable<string> {
  private readonly parts = new Map<string, Part>();

  constructor(
    private readonly name: string,
    catalog: Pick<Catalog, 'findMetric'>,
    private readonly liveValues: LiveValues,
  ) {
    const seriesOf = (suffix: string) =>
      [...(catalog.findMetric(name + suffix)?.series.values() ?? [])].filter((series) => liveValues.has(series));
    for (const series of seriesOf(HISTOGRAM_SUFFIX.bucket)) {
      const { le = '', ...labels } = labelsFromText(series.labelsText);
      const bound = bucketBoundOf(le);
      if (!Number.isNaN(bound)) this.partOf(labelsToText(labelSetOf(labels))).buckets.push({ bound, series });
    }
    for (const series of seriesOf(HISTOGRAM_SUFFIX.sum)) {
      if (!hasBound(series)) this.partOf(series.labelsText).sum = series;
    }
    for (const series of seriesOf(HISTOGRAM_SUFFIX.count)) {
      if (!hasBound(series)) this.partOf(series.labelsText).count = series;
    }
  }

  get isEmpty(): boolean {
    return this.parts.size === 0;
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const [labelsText, { buckets, sum, count }] of this.parts) {
      let text = '';
      // What was removed or became stale since the parts were gathered: the page is written in many turns.
      if (this.isGone(sum) || this.isGone(count) || buckets.some(({ series }) => this.isGone(series))) continue;
      let atLeast = -Infinity;
      for (const { bound, series } of buckets.toSorted((a, b) => a.bound - b.bound)) {
        if (bound === Infinity && count) continue;
        atLeast = Math.max(atLeast, this.liveValues.valueOf(series));
        text += formatSample(this.name + HISTOGRAM_SUFFIX.bucket, series.labelsText, atLeast);
      }
      if (count) {
        const labels = labelSetOf({ ...labelsFromText(labelsText), le: '+Inf' });
        atLeast = Math.max(atLeast, this.liveValues.valueOf(count));
        text += formatSample(this.name + HISTOGRAM_SUFFIX.bucket, labelsToText(labels), atLeast);
      }
      if (sum) text += formatSample(this.name + HISTOGRAM_SUFFIX.sum, labelsText, this.liveValues.valueOf(sum));
      if (count) text += formatSample(this.name + HISTOGRAM_SUFFIX.count, labelsText, atLeast);
      yield text;
    }
  }

  private isGone(series: Series | undefined): boolean {
    return series !== undefined && !this.liveValues.has(series);
  }

  private partOf(labelsText: string): Part {
    let part = this.parts.get(labelsText);
    if (part === undefined) this.parts.set(labelsText, (part = { buckets: [] }));
    return part;
  }
}

function hasBound({ labelsText }: Series): boolean {
  return 'le' in labelsFromText(labelsText);
}
