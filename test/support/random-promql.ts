import {
  AGGREGATORS,
  ARITHMETIC,
  COMPARISONS,
  COUNTERS,
  COUNTER_FUNCTIONS,
  LABELS,
  METRICS,
  NAMES,
  NUMBERS,
  OFFSETS,
  RANGES,
  RANGE_FUNCTIONS,
  SMALL_VECTOR_FUNCTIONS,
  VALUES,
  VECTOR_FUNCTIONS,
  WRONG,
} from './promql-vocabulary.js';
import type { SeededRandom } from './seeded-random.js';

/** Writes expressions over the series of `random-series.ts`. Most of the expressions have a result. */
export class RandomPromql {
  /** @param pinnedTimes the times, in seconds, that `@` may use */
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
   * Writes a range selector or a subquery. The range of a subquery is not a multiple of its step, because Prometheus 3 changed
   * whether a point on the left edge belongs to it.
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
      // The label contains all digits of the value, so the values must not come from a sum. Its name sorts after all other
      // labels, because Prometheus 2.42 loses labels that come after it.
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

  /** Writes an expression whose values mostly differ, because Prometheus 3 changed which of several equal values `topk` keeps. */
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
      // One side has many series, and the other side has one.
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
    // The quantiles between 0 and 1 are not round numbers. With round numbers, the rank of a quantile can equal the count of a
    // bucket, and rounding would decide which bucket is used.
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
