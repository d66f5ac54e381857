import type { Series } from '../series/series.js';

export const METRIC_TYPES = ['counter', 'gauge', 'histogram'] as const;

/** What a metric is for ever. A histogram is the name of a family; its samples are the counters `_bucket`, `_sum`, `_count`. */
export type MetricType = (typeof METRIC_TYPES)[number];

export const TEMPORALITIES = ['delta', 'cumulative'] as const;

/** What a counter sample says: `delta` = add it, `cumulative` = the sender's running total. */
export type Temporality = (typeof TEMPORALITIES)[number];

/** What is declared of a metric by hand or by an item. */
export interface MetricDeclaration {
  readonly type?: MetricType;
  readonly temporality?: Temporality;
  readonly help?: string;
  readonly unit?: string;
}

/** A metric with its known series, in memory. Owned by the catalog; others read it. */
export class Metric {
  /** By the text of their labels (see {@link Series.labelsText}); in the order of their ids. */
  readonly series = new Map<string, Series>();

  /** Deleted: the catalog does not know it any more, and another metric may have its name. */
  isRemoved = false;

  /** Series of it are stored that this process has no memory for; what is asked of all of them can't be answered here. */
  isIncomplete = false;

  /** Who pushed the first series that is known, and is charged for the metric; null for nobody, undefined before there is one. */
  firstTokenId: number | null | undefined;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly type: MetricType,
    readonly createdAt: Date,
    public temporality: Temporality | null,
    public help: string | null,
    public unit: string | null,
  ) {}
}

const COUNTER_NAME = /_(?:total|count|sum|bucket)$/;

/** The type of a metric that nobody declared: Prometheus' naming conventions decide. */
export function typeByName(name: string): 'counter' | 'gauge' {
  return COUNTER_NAME.test(name) ? 'counter' : 'gauge';
}
