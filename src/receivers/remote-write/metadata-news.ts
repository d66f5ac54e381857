import type { Catalog } from '../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import { type NameValidation, storedMetricName } from '../../outside-text/name.js';
import type { WrittenMetadata } from './message/write-request.js';

const SUFFIXES = ['', ...Object.values(HISTOGRAM_SUFFIX)];

/**
 * Returns whether the metadata of a family adds something to a metric that exists: a help text, a unit, or the histogram that its
 * counters belong to. The type of a metric never changes.
 */
export function addsToKnownMetric(
  family: string,
  { type, help, unit }: WrittenMetadata,
  catalog: Pick<Catalog, 'findMetric'>,
  nameValidation: NameValidation,
): boolean {
  const find = (name: string) => catalog.findMetric(storedMetricName(name, nameValidation));
  const isNewHistogram = type === 'histogram' && find(family) === undefined;
  return SUFFIXES.some((suffix) => {
    const metric = find(family + suffix);
    if (metric === undefined) return false;
    return (help !== '' && metric.help === null) || (unit !== '' && metric.unit === null) || isNewHistogram;
  });
}
