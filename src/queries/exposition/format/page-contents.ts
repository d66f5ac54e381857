import type { Catalog } from '../../../catalog/catalog.js';
import type { OwnFamily, OwnMetrics } from '../../../catalog/metric/own-metrics.js';
import type { LiveValues } from '../../../live-values/live-values.js';
import type { EscapingScheme } from '../../../outside-text/escaped-name.js';
import type { ExpositionFormat } from './exposition-format.js';

/** The input for one exposition. */
export interface PageContents {
  readonly catalog: Catalog;
  readonly liveValues: LiveValues;
  readonly own: OwnMetrics;
  /** The families of the service itself. The list is empty for an exposition of only pushed series. */
  readonly ownFamilies: readonly OwnFamily[];
  readonly format: ExpositionFormat;
  /** The scheme by which names that only Prometheus 3 allows are escaped. */
  readonly escaping: EscapingScheme;
  /** A time in milliseconds since the epoch. Series of gauges that were last pushed before it are hidden; 0 hides none. */
  readonly hidesPushedBefore: number;
}
