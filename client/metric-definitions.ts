import type { ProblemReason } from './metrics-problem.js';

/** The default buckets of Prometheus' own clients, which suit the duration of web requests in seconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Maximum number of buckets. With more, a series with long labels would not fit into a request. */
const MAX_BUCKETS = 200;

/** Maximum length of a name, so that long names do not fill the memory. The server's own limit is 200 by default. */
const MAX_NAME_LENGTH = 1_000;

/** The server's limit for help texts. */
const MAX_HELP_LENGTH = 1_000;

/** The app's definition of a metric. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** The first help text that was given. */
  help: string | undefined;
  /** The upper bounds of a histogram's buckets in ascending order, without the infinite one. */
  readonly bounds: readonly number[];
}

/** Holds the metric definitions by name. Of several definitions of one name, the first one is kept. */
export class MetricDefinitions {
  private readonly byName = new Map<string, MetricDefinition>();
  /** All names that are sent, including the parts of histograms. */
  private readonly sentNames = new Set<string>();

  /**
   * @param maxMetrics maximum number of metrics, so that names from user input do not fill the memory
   * @param maxBatchSamples maximum number of samples of a batch, which a series of a histogram must not exceed
   */
  constructor(
    private readonly maxMetrics: number,
    private readonly maxBatchSamples: number,
  ) {}

  /** @returns the definition of the name, or the reason why there is none */
  define(
    name: unknown,
    kind: MetricDefinition['kind'],
    help?: unknown,
    buckets?: unknown,
  ): MetricDefinition | ProblemReason {
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) return 'invalid_name';
    const known = this.byName.get(name);
    const bounds = kind === 'histogram' && (buckets != null || known === undefined) ? readBounds(buckets) : [];
    if (bounds === undefined) return 'invalid_buckets';
    // All buckets, including the infinite one, the sum and the count are sent in one batch. Otherwise Prometheus could see a
    // partial histogram.
    if (kind === 'histogram' && bounds.length + 3 > this.maxBatchSamples) return 'invalid_buckets';
    if (known !== undefined) {
      // Values in two different sets of buckets could not be combined.
      const isSame = known.kind === kind && (bounds.length === 0 || String(bounds) === String(known.bounds));
      if (!isSame) return 'metric_conflict';
      known.help ??= readHelp(help);
      return known;
    }
    const definition = { name, kind, help: readHelp(help), bounds };
    const sent = kind === 'histogram' ? ['', '_bucket', '_sum', '_count'].map((part) => name + part) : [name];
    if (sent.some((each) => this.sentNames.has(each))) return 'metric_conflict';
    if (this.byName.size >= this.maxMetrics) return 'too_many_series';
    this.byName.set(name, definition);
    for (const each of sent) this.sentNames.add(each);
    return definition;
  }
}

/** Reads a help text and shortens a long one, because the server refuses samples with a help text beyond its limit. */
function readHelp(help: unknown): string | undefined {
  return typeof help === 'string' ? help.slice(0, MAX_HELP_LENGTH) : undefined;
}

/** @returns undefined if the buckets are invalid */
function readBounds(buckets: unknown = DEFAULT_BUCKETS): number[] | undefined {
  if (!Array.isArray(buckets)) return undefined;
  const bounds = (buckets as unknown[]).filter((bound) => bound !== Infinity) as number[];
  const isRising = bounds.every((bound, index) => Number.isFinite(bound) && !(bound <= bounds[index - 1]!));
  return isRising && bounds.length <= MAX_BUCKETS ? bounds : undefined;
}
