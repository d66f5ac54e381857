import type { CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DAY_MS } from '../../../scheduling/units-of-time.js';

/**
 * Returns the length of a partition of waiting blocks in milliseconds. It is a multiple of the period of fresh blocks, so that
 * all blocks of a period wait in the same partition.
 *
 * @returns undefined if blocks are merged only once
 */
export function waitingPartitionMs({
  chunkPeriodSeconds,
  slowSeriesPeriodSeconds,
}: CustomMetricsOptions['archive']): number | undefined {
  if (slowSeriesPeriodSeconds <= chunkPeriodSeconds) return undefined;
  return slowSeriesPeriodSeconds % chunkPeriodSeconds === 0 ? slowSeriesPeriodSeconds * 1000 : DAY_MS;
}
