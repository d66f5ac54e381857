import { CREATED_SUFFIX, TOTAL_SUFFIX } from '../../../catalog/metric/metric-suffix.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';

/**
 * Returns the type of the metric, pushed or of the service itself, that the exposition shows under a name; undefined if none is.
 */
export type TypeOfName = (name: string) => FamilyType | undefined;

const PART = /_(?:bucket|sum|count)$/;

/**
 * Decides which families may have the names that OpenMetrics gives them.
 *
 * In OpenMetrics a counter `x_total` is the family `x`, and owns `x`, `x_total` and `x_created`; a histogram or summary `h` owns
 * `h_bucket`, `h_sum`, `h_count` and `h_created`. No name may belong to two families, but clients can push metrics with any
 * names. So a family gets this form only if no other metric has one of its names. Otherwise its samples are written under their
 * own names, with the type `unknown`, which has no further names. If two families need the same name, the one with the shorter
 * name gets it.
 *
 * Source: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#suffixes
 */
export class OpenMetricsNames {
  constructor(private readonly typeOf: TypeOfName) {}

  /** Returns the family name of a counter, or undefined if the counter has to be written as `unknown`. */
  familyOfCounter(name: string): string | undefined {
    if (!name.endsWith(TOTAL_SUFFIX)) return undefined;
    const family = name.slice(0, -TOTAL_SUFFIX.length);
    if (family === '' || this.isSample(family) || this.isCreatedOfAnother(family)) return undefined;
    return this.canHaveCreated(family) ? family : undefined;
  }

  /**
   * Returns whether the name of a family with `_created` is free or belongs to a gauge. Such a gauge can become part of the
   * family, because some clients push creation times as a gauge.
   */
  canHaveCreated(family: string): boolean {
    const type = this.typeOf(family + CREATED_SUFFIX);
    return type === undefined || type === 'gauge';
  }

  /** Returns whether another family has samples of this name. */
  isSample(name: string): boolean {
    if (this.typeOf(name) !== undefined) return true;
    const suffix = PART.exec(name)?.[0];
    return suffix !== undefined && this.hasParts(name.slice(0, -suffix.length));
  }

  /** Returns whether a name is the `_created` of a family that can have one. */
  isCreatedOfAnother(name: string): boolean {
    if (!name.endsWith(CREATED_SUFFIX)) return false;
    const family = name.slice(0, -CREATED_SUFFIX.length);
    return this.hasParts(family) || this.typeOf(family + TOTAL_SUFFIX) === 'counter';
  }

  private hasParts(name: string): boolean {
    const type = this.typeOf(name);
    return type === 'histogram' || type === 'summary';
  }
}
