import type { ProblemReason } from './metrics-problem.js';

/** Those of Prometheus' own clients: seconds of a web request. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** With more, one series would not fit into a request whose labels are long. */
const MAX_BUCKETS = 200;

/** The server takes 200 by default; what is far beyond any setting only costs memory. */
const MAX_NAME_LENGTH = 1_000;

/** What the server takes. */
const MAX_HELP_LENGTH = 1_000;

/** What the app said of a metric. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** The first one given. */
  help: string | undefined;
  /** Upper bounds of a histogram's buckets, rising, without the infinite one. */
  readonly bounds: readonly number[];
}

/** What is known of metrics by name. The first definition of a name holds. */
export class MetricDefinitions {
  private readonly byName = new Map<string, MetricDefinition>();
  /** Names that are sent: those of metrics, and of histograms their parts. */
  private readonly sentNames = new Set<string>();

  /**
   * @param maxMetrics names made from what users type must not fill the memory
   * @param maxBatchSamples that a series of a histogram has to fit into
   */
  constructor(
    private readonly maxMetrics: number,
    private readonly maxBatchSamples: number,
  ) {}

  /** @returns the definition that holds, or why there is none */
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
    // The buckets, the infinite one, the sum and the count travel together, or the page would show half a histogram.
    if (kind === 'histogram' && bounds.length + 3 > this.maxBatchSamples) return 'invalid_buckets';
    if (known !== undefined) {
      // Values counted into two sets of buckets would be neither.
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

/** Longer ones are shortened: the server would refuse the sample for them. */
function readHelp(help: unknown): string | undefined {
  return typeof help === 'string' ? help.slice(0, MAX_HELP_LENGTH) : undefined;
}

/** @returns undefined if they are none */
function readBounds(buckets: unknown = DEFAULT_BUCKETS): number[] | undefined {
  if (!Array.isArray(buckets)) return undefined;
  const bounds = (buckets as unknown[]).filter((bound) => bound !== Infinity) as number[];
  const isRising = bounds.every((bound, index) => Number.isFinite(bound) && !(bound <= bounds[index - 1]!));
  return isRising && bounds.length <= MAX_BUCKETS ? bounds : undefined;
}
