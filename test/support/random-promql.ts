import type { SeededRandom } from './seeded-random.js';

/** Labels that a metric has, beside its name. */
const METRICS: Readonly<Record<string, readonly string[]>> = {
  build_info: ['instance', 'job', 'version'],
  errors_total: ['code', 'instance', 'job'],
  latency_seconds_bucket: ['instance', 'job', 'le'],
  latency_seconds_count: ['instance', 'job'],
  latency_seconds_sum: ['instance', 'job'],
  queue_length: ['instance', 'job'],
  queue_limit: ['job'],
  requests_total: ['code', 'instance', 'job'],
  sparse_level: ['instance', 'job'],
  temperature: ['instance', 'job', 'zone'],
};
const NAMES = Object.keys(METRICS);
const COUNTERS = NAMES.filter((name) => /_(?:total|bucket|count|sum)$/.test(name));

const VALUES: Readonly<Record<string, readonly string[]>> = {
  code: ['200', '404', '500', '4..', '[45].*', '200|500'],
  instance: ['a1', 'a2', 'b1', 'a.', '.*1', 'a1|b1', '(?i:A).'],
  job: ['api', 'batch', 'web', 'a.*|w.*', '.+', '', '[^a].*', 'api|batch'],
  le: ['0.1', '+Inf', '0\\\\..*', '1|5'],
  version: ['1.0', '1\\\\..', '2.*'],
  zone: ['north', '.*th', 'n.*', ''],
  missing: ['', 'x', '.*'],
};
const LABELS = ['code', 'instance', 'job', 'zone', 'missing'];

const RANGES = ['45s', '1m', '2m', '5m', '13m', '30m', '1h'];
const OFFSETS = ['10s', '1m', '7m', '30m', '-2m'];
const NUMBERS = ['0', '1', '2', '-1', '0.5', '3.7', '10', '100', '1e3', '-0.25', 'NaN', 'Inf'];

const RANGE_FUNCTIONS = `absent_over_time avg_over_time changes count_over_time delta deriv idelta irate last_over_time
  max_over_time min_over_time present_over_time resets stddev_over_time stdvar_over_time sum_over_time`.split(/\s+/);
/** `rate` and `increase` of counters only: what a counter near zero had before its first sample is guessed otherwise now. */
const COUNTER_FUNCTIONS = ['rate', 'increase', 'irate', 'resets'];
const VECTOR_FUNCTIONS = `abs absent acos acosh asin asinh atan atanh ceil day_of_month day_of_week day_of_year
  days_in_month deg exp floor hour ln log10 log2 minute month rad sgn sort sort_desc sqrt tanh timestamp
  year`.split(/\s+/);
/** Of large numbers these are decided by digits beyond the last. */
const SMALL_VECTOR_FUNCTIONS = ['cos', 'cosh', 'sin', 'sinh', 'tan'];
const AGGREGATORS = ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

/** Expressions that are refused, or fail once they run. */
const WRONG = [
  'rate(queue_length)',
  'sum(queue_length[5m])',
  'queue_length[5m] + 1',
  '"text" + 1',
  'topk("a", queue_length)',
  '1 == 2',
  'queue_length == bool "a"',
  'sum by (job) queue_length',
  'queue_length and 1',
  '{job=~".*"}',
  '{}',
  'queue_length{job=~"("}',
  'abs()',
  'abs(1)',
  'nosuchfunction(queue_length)',
  'scalar(1)',
  'vector(queue_length)',
  'queue_length[5m][5m:1m]',
  'queue_length offset 1m offset 2m',
  'sum(queue_length',
  'queue_length + on(job) group_left queue_length',
  'queue_length + on(job) queue_length',
  'queue_length * on(nothing) group_left requests_total',
  'label_replace(queue_length, "job", "x", "instance", ".*") ',
  'label_replace(queue_length, "b-d", "x", "instance", "(")',
  'label_join(queue_length, "instance", "-", "job")',
  'topk(NaN, queue_length)',
  'topk(1e30, queue_length)',
  'count_values("x", queue_length[5m])',
  '-"a"',
  'queue_length[0s]',
  'bool',
  'a b',
  '1 +',
  'rate(queue_length[5m:])[1m]',
];

/** Writes expressions over the series of `random-series.ts`, mostly such that they have an answer. */
export class RandomPromql {
  /** @param pinnedTimes seconds that `@` may name */
  constructor(
    private readonly random: SeededRandom,
    private readonly pinnedTimes: readonly string[],
  ) {}

  expression(): string {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.03) return random.pick(WRONG);
    if (kind < 0.06) return this.scalar(2);
    if (kind < 0.08) return this.range(1);
    if (kind < 0.085) return '"a text"';
    return this.vector(random.integer(1, 4));
  }

  private vector(depth: number): string {
    const { random } = this;
    if (depth <= 0) return random.isTrue(0.6) ? this.selector() : this.counterCall();
    const inner = depth - 1;
    const kind = random.integer(0, 99);
    if (kind < 8) return this.selector();
    if (kind < 22) return this.rangeCall(inner);
    if (kind < 38) return this.aggregation(inner);
    if (kind < 44) return this.selectingAggregation(inner);
    if (kind < 60) return this.matching(inner);
    if (kind < 70) return this.withScalar(inner);
    if (kind < 78) return this.vectorCall(inner);
    if (kind < 83) return this.histogram();
    if (kind < 90) return this.labelCall(inner);
    if (kind < 95) return this.parameterCall(inner);
    if (kind < 97) return `vector(${this.scalar(inner)})`;
    return random.isTrue(0.5) ? `(${this.vector(inner)})` : `-${this.vector(0)}`;
  }

  private scalar(depth: number): string {
    const { random } = this;
    const kind = random.next();
    if (depth <= 0 || kind < 0.4) return random.pick(NUMBERS);
    if (kind < 0.5) return random.pick(['time()', 'pi()']);
    if (kind < 0.65) return `scalar(${this.vector(depth - 1)})`;
    if (kind < 0.7) return `-(${this.scalar(depth - 1)})`;
    const left = this.scalar(depth - 1);
    const right = this.scalar(depth - 1);
    return kind < 0.9
      ? `(${left} ${random.pick(ARITHMETIC)} ${right})`
      : `(${left} ${random.pick(COMPARISONS)} bool ${right})`;
  }

  private selector(): string {
    const { random } = this;
    return this.series(random.pick(NAMES)) + this.modifiers();
  }

  private series(name: string): string {
    const { random } = this;
    if (random.isTrue(0.03)) {
      return `{__name__=~"${COUNTERS.includes(name) ? 'errors_total|requests_total' : random.pick(['queue_.*', '.*_info'])}"}`;
    }
    const labels = random.isTrue(0.5) ? [] : random.some([...METRICS[name]!, 'missing'], 2);
    const matchers = labels.map((label) => {
      const value = random.pick(VALUES[label]!);
      const isPattern = /[.*|[(]/.test(value) || random.isTrue(0.2);
      return `${label}${isPattern ? random.pick(['=~', '=~', '!~']) : random.pick(['=', '=', '!='])}"${value}"`;
    });
    return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`;
  }

  private modifiers(): string {
    const { random } = this;
    const offset = random.isTrue(0.15) ? ` offset ${random.pick(OFFSETS)}` : '';
    if (!random.isTrue(0.08)) return offset;
    return ` @ ${random.pick(['start()', 'end()', ...this.pinnedTimes])}${offset}`;
  }

  /**
   * A range selector or a subquery. The range of a subquery is no multiple of its step: whether a point on the left edge
   * belongs to it changed in Prometheus 3.
   */
  private range(depth: number, names: readonly string[] = NAMES): string {
    const { random } = this;
    if (depth <= 0 || random.isTrue(0.7)) {
      return `${this.series(random.pick(names))}[${random.pick(RANGES)}]${this.modifiers()}`;
    }
    const inner = this.vector(Math.min(depth - 1, 1));
    const range = random.pick(['2m137ms', '10m137ms', '31m137ms']);
    return `(${inner})[${range}:${random.pick(['', '13s', '30s', '1m', '5m'])}]${this.modifiers()}`;
  }

  private counterCall(): string {
    return `${this.random.pick(COUNTER_FUNCTIONS)}(${this.range(0, COUNTERS)})`;
  }

  private rangeCall(depth: number): string {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.3) return this.counterCall();
    if (kind < 0.38)
      return `quantile_over_time(${random.pick(['0', '0.3', '0.9', '1', '2', '-1'])}, ${this.range(depth)})`;
    if (kind < 0.44) return `predict_linear(${this.range(depth)}, ${random.pick(['0', '60', '3600', '-600'])})`;
    return `${random.pick(RANGE_FUNCTIONS)}(${this.range(depth)})`;
  }

  private grouping(): string {
    const { random } = this;
    if (random.isTrue(0.25)) return '';
    return ` ${random.pick(['by', 'by', 'without'])} (${random.some(LABELS, 3).join(', ')})`;
  }

  private aggregation(depth: number): string {
    const { random } = this;
    const kind = random.next();
    const grouping = this.grouping();
    if (kind < 0.1)
      return `quantile${grouping} (${random.pick(['0', '0.5', '0.95', '1', '-1'])}, ${this.vector(depth)})`;
    if (kind < 0.17) {
      // The label is all digits of the value, so these must not come from a sum. It is the last of the labels, because
      // Prometheus 2.42 loses those behind it.
      const inner = random.isTrue(0.6) ? this.selector() : `round(${this.vector(depth)})`;
      return `count_values${grouping} ("zz", ${inner})`;
    }
    return `${random.pick(AGGREGATORS)}${grouping} (${this.vector(depth)})`;
  }

  private selectingAggregation(depth: number): string {
    const { random } = this;
    const parameter = random.isTrue(0.9) ? random.pick(['1', '2', '3', '5', '0', '2.7']) : this.scalar(1);
    const inner = depth > 0 && random.isTrue(0.2) ? this.vector(depth) : this.distinctValues();
    return `${random.pick(['topk', 'bottomk'])}${this.grouping()} (${parameter}, ${inner})`;
  }

  /** Which of several equal values `topk` takes changed in Prometheus 3, so most of them have none. */
  private distinctValues(): string {
    const { random } = this;
    const name = random.pick(['temperature', 'sparse_level']);
    const kind = random.next();
    if (kind < 0.4) return `${this.series(name)}${this.modifiers()}`;
    if (kind < 0.7) {
      return `${random.pick(['avg', 'min', 'max', 'last'])}_over_time(${this.series(name)}[${random.pick(RANGES)}]${this.modifiers()})`;
    }
    return `avg by (job, ${random.pick(LABELS)}) (${name}) ${random.pick(['+', '-', '*'])} ${random.pick(['1', '3.7'])}`;
  }

  private matching(depth: number): string {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.25) return this.setOperation(depth);
    if (kind < 0.4) {
      // One against many, where the one side is one.
      const many = `(${this.vector(depth)})`;
      const one = random.pick([
        'queue_limit',
        `sum by (job) (${this.vector(depth)})`,
        'max by (job, zone) (temperature)',
      ]);
      const include = random.pick(['', '()', '(zone)', '(missing)']);
      return random.isTrue(0.7)
        ? `${many} ${this.operator()} on (job) group_left ${include} ${one}`
        : `${one} ${this.operator()} on (job) group_right ${include} ${many}`;
    }
    if (kind < 0.6) {
      const labels = random.some(LABELS, 2).join(', ');
      const left = `sum by (${labels}) (${this.vector(depth)})`;
      return `${left} ${this.operator()} ${random.pick(['sum', 'max', 'count'])} by (${labels}) (${this.vector(depth)})`;
    }
    if (kind < 0.8) {
      const side = this.vector(depth);
      return `(${side}) ${this.operator()} (${random.isTrue(0.5) ? side : this.vector(depth)})`;
    }
    const labels = `${random.pick(['on', 'ignoring'])} (${random.some(LABELS, 3).join(', ')})`;
    return `(${this.vector(depth)}) ${this.operator()} ${labels} (${this.vector(depth)})`;
  }

  private setOperation(depth: number): string {
    const { random } = this;
    const labels = random.isTrue(0.5)
      ? ` ${random.pick(['on', 'ignoring'])} (${random.some(LABELS, 2).join(', ')})`
      : '';
    return `(${this.vector(depth)}) ${random.pick(['and', 'or', 'unless'])}${labels} (${this.vector(depth)})`;
  }

  private operator(): string {
    const { random } = this;
    if (random.isTrue(0.6)) return random.pick(ARITHMETIC);
    return random.pick(COMPARISONS) + (random.isTrue(0.4) ? ' bool' : '');
  }

  private withScalar(depth: number): string {
    const scalar = this.scalar(1);
    return this.random.isTrue(0.7)
      ? `(${this.vector(depth)}) ${this.operator()} ${scalar}`
      : `${scalar} ${this.operator()} (${this.vector(depth)})`;
  }

  private histogram(): string {
    const { random } = this;
    // No round shares: rounding decides which bucket half of the observations end in, if they end on a bound.
    const quantile = random.pick(['0', '0.13', '0.57', '0.91', '0.997', '1', '-1', '2']);
    const rates = `rate(${this.series('latency_seconds_bucket')}[${random.pick(RANGES)}]${this.modifiers()})`;
    const buckets = random.pick([
      rates,
      `sum by (job, le) (${rates})`,
      `sum by (le) (${rates})`,
      'latency_seconds_bucket',
    ]);
    return `histogram_quantile(${quantile}, ${buckets})`;
  }

  private labelCall(depth: number): string {
    const { random } = this;
    const inner = this.vector(depth);
    const target = random.pick(['job', 'copied', 'missing']);
    if (random.isTrue(0.3)) return `label_join(${inner}, "${target}", "${random.pick(['-', ''])}", "job", "instance")`;
    const replacement = random.pick(['$1', 'x-$1', '', '${1}y', '$2']);
    const source = random.pick(['job', 'instance', 'missing']);
    return `label_replace(${inner}, "${target}", "${replacement}", "${source}", "${random.pick(['(.*)', '(.).*', 'a(.)', '(a|b).*'])}")`;
  }

  private vectorCall(depth: number): string {
    const { random } = this;
    return random.isTrue(0.15)
      ? `${random.pick(SMALL_VECTOR_FUNCTIONS)}(${this.vector(0)})`
      : `${random.pick(VECTOR_FUNCTIONS)}(${this.vector(depth)})`;
  }

  private parameterCall(depth: number): string {
    const { random } = this;
    const inner = this.vector(depth);
    return random.pick([
      `clamp(${inner}, ${this.scalar(1)}, ${this.scalar(1)})`,
      `clamp_min(${inner}, ${this.scalar(1)})`,
      `clamp_max(${inner}, ${this.scalar(1)})`,
      `round(${inner})`,
      `round(${inner}, ${random.pick(['5', '0.1', '0.5', '10'])})`,
    ]);
  }
}
