import type { Series } from '../../../catalog/series/series.js';
import type { SeriesKind } from '../../../catalog/series/series-kind.js';
import type { ReadSeries } from '../../../sample-store/reading/columns/series-samples.js';
import type { PortableSeries } from './portable-series.js';

/** A series whose samples a worker reads. */
export interface NamedSeries
  extends ReadSeries, Pick<PortableSeries, 'name' | 'labelsText' | 'isGauge' | 'isScraped' | 'isStaleBefore'> {}

/** Several series in columns, because an object for each of many series would cost more on its way to another thread. */
export interface PackedNames {
  readonly ids: Int32Array<ArrayBuffer>;
  /** The different names of metrics. */
  readonly names: readonly string[];
  /** The index of the name of each series. */
  readonly nameOf: Int32Array<ArrayBuffer>;
  /** The labels of all series in one text, each in a line. Texts of labels contain no line feed, because it is escaped. */
  readonly labelsTexts: string;
  /** The index of the kind of each series, and the bits below. */
  readonly flags: Uint8Array<ArrayBuffer>;
}

const KINDS: readonly SeriesKind[] = ['delta', 'cumulative', 'gauge'];
const KIND_BITS = 3;
const CAN_ONLY_RISE = 4;
const IS_GAUGE = 8;
const IS_SCRAPED = 16;
const IS_STALE_BEFORE = 32;

/** @param isStaleBefore returns whether the last sample of a series before the range is a stale marker */
export function packNames(series: readonly Series[], isStaleBefore: (series: Series) => boolean): PackedNames {
  const places = new Map<string, number>();
  const packed = {
    ids: new Int32Array(series.length),
    nameOf: new Int32Array(series.length),
    flags: new Uint8Array(series.length),
  };
  for (const [index, each] of series.entries()) {
    const { metric, kind } = each;
    let place = places.get(metric.name);
    if (place === undefined) places.set(metric.name, (place = places.size));
    packed.ids[index] = each.id;
    packed.nameOf[index] = place;
    packed.flags[index] =
      KINDS.indexOf(kind) |
      (each.canOnlyRise ? CAN_ONLY_RISE : 0) |
      (metric.type === 'gauge' ? IS_GAUGE : 0) |
      (each.isScraped ? IS_SCRAPED : 0) |
      (kind === 'delta' && isStaleBefore(each) ? IS_STALE_BEFORE : 0);
  }
  return { ...packed, names: [...places.keys()], labelsTexts: series.map(({ labelsText }) => labelsText).join('\n') };
}

export function unpackNames({ ids, names, nameOf, labelsTexts, flags }: PackedNames): NamedSeries[] {
  if (ids.length === 0) return [];
  return labelsTexts.split('\n').map((labelsText, index) => {
    const flag = flags[index]!;
    return {
      id: ids[index]!,
      name: names[nameOf[index]!]!,
      labelsText,
      kind: KINDS[flag & KIND_BITS]!,
      canOnlyRise: (flag & CAN_ONLY_RISE) !== 0,
      isGauge: (flag & IS_GAUGE) !== 0,
      isScraped: (flag & IS_SCRAPED) !== 0,
      isStaleBefore: (flag & IS_STALE_BEFORE) !== 0,
    };
  });
}
