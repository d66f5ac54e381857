/** The labels of each metric, in addition to its name. */
export const METRICS: Readonly<Record<string, readonly string[]>> = {
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
export const NAMES = Object.keys(METRICS);
export const COUNTERS = NAMES.filter((name) => /_(?:total|bucket|count|sum)$/.test(name));

export const VALUES: Readonly<Record<string, readonly string[]>> = {
  code: ['200', '404', '500', '4..', '[45].*', '200|500'],
  instance: ['a1', 'a2', 'b1', 'a.', '.*1', 'a1|b1', '(?i:A).'],
  job: ['api', 'batch', 'web', 'a.*|w.*', '.+', '', '[^a].*', 'api|batch'],
  le: ['0.1', '+Inf', '0\\\\..*', '1|5'],
  version: ['1.0', '1\\\\..', '2.*'],
  zone: ['north', '.*th', 'n.*', ''],
  missing: ['', 'x', '.*'],
};
export const LABELS = ['code', 'instance', 'job', 'zone', 'missing'];

export const RANGES = ['45s', '1m', '2m', '5m', '13m', '30m', '1h'];
export const OFFSETS = ['10s', '1m', '7m', '30m', '-2m'];
export const NUMBERS = ['0', '1', '2', '-1', '0.5', '3.7', '10', '100', '1e3', '-0.25', 'NaN', 'Inf'];

export const RANGE_FUNCTIONS =
  `absent_over_time avg_over_time changes count_over_time delta deriv idelta irate last_over_time
  max_over_time min_over_time present_over_time resets stddev_over_time stdvar_over_time sum_over_time`.split(/\s+/);
/**
 * Functions that are used only on counters far from zero, because Prometheus 3 has changed its guess of where a counter near zero
 * started.
 */
export const COUNTER_FUNCTIONS = ['rate', 'increase', 'irate', 'resets'];
export const VECTOR_FUNCTIONS = `abs absent acos acosh asin asinh atan atanh ceil day_of_month day_of_week day_of_year
  days_in_month deg exp floor hour ln log10 log2 minute month rad sgn sort sort_desc sqrt tanh timestamp
  year`.split(/\s+/);
/** Functions that are used only on small numbers. For large numbers, the result depends on digits that a double does not have. */
export const SMALL_VECTOR_FUNCTIONS = ['cos', 'cosh', 'sin', 'sinh', 'tan'];
/**
 * Functions that are not compared: the Prometheus of the tests does not have them, or they are for data that the tests do not
 * have, such as native histograms. Experimental functions are not compared either.
 */
export const UNCOMPARED_FUNCTIONS = `first_over_time histogram_avg histogram_count histogram_fraction histogram_stddev
  histogram_stdvar histogram_sum`.split(/\s+/);
export const AGGREGATORS = ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'];
export const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

/** Expressions that are refused, or that fail when they run. */
export const WRONG = [
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
