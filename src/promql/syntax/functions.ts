import type { ValueType } from './ast.js';

/** The types of the arguments and the result of a function. */
export interface FunctionSignature {
  readonly name: string;
  /** The types of the arguments; the last type of a variadic function applies to all further arguments. */
  readonly argumentTypes: readonly ValueType[];
  /**
   * The number of arguments that can take the place of the last one: 0 means exactly the listed arguments, n means up to n
   * arguments of the last type, and -1 means any number of them. With n or -1, the last argument can be absent.
   */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** True if Prometheus enables it only with `--enable-feature=promql-experimental-functions`. */
  readonly isExperimental: boolean;
}

type Arguments = readonly ValueType[];

interface Extras {
  readonly variadic?: number;
  readonly returnType?: ValueType;
  readonly isExperimental?: boolean;
}

function signatures(names: string, argumentTypes: Arguments, extras: Extras = {}): FunctionSignature[] {
  const { variadic = 0, returnType = 'vector', isExperimental = false } = extras;
  return names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, argumentTypes, variadic, returnType, isExperimental }));
}

/** The functions of Prometheus 3, by name. Names are case-sensitive. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map(
  [
    ...signatures(
      `abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sort
       sort_desc sqrt tan tanh timestamp
       histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar`,
      ['vector'],
    ),
    ...signatures(
      `absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate
       last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time
       sum_over_time`,
      ['matrix'],
    ),
    ...signatures('day_of_month day_of_week day_of_year days_in_month hour minute month year', ['vector'], {
      variadic: 1,
    }),
    ...signatures('clamp', ['vector', 'scalar', 'scalar']),
    ...signatures('clamp_max clamp_min', ['vector', 'scalar']),
    ...signatures('round', ['vector', 'scalar'], { variadic: 1 }),
    ...signatures('histogram_fraction', ['scalar', 'scalar', 'vector']),
    ...signatures('histogram_quantile', ['scalar', 'vector']),
    ...signatures('label_replace', ['vector', 'string', 'string', 'string', 'string']),
    ...signatures('label_join', ['vector', 'string', 'string', 'string'], { variadic: -1 }),
    ...signatures('predict_linear', ['matrix', 'scalar']),
    ...signatures('quantile_over_time', ['scalar', 'matrix']),
    ...signatures('scalar', ['vector'], { returnType: 'scalar' }),
    ...signatures('pi time', [], { returnType: 'scalar' }),
    ...signatures('vector', ['scalar']),

    ...signatures('double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], { isExperimental: true }),
    ...signatures('end range start step', [], { returnType: 'scalar', isExperimental: true }),
    ...signatures('histogram_quantiles', ['vector', 'string', 'scalar', 'scalar'], {
      variadic: 9,
      isExperimental: true,
    }),
    ...signatures('info', ['vector', 'vector'], { variadic: 1, isExperimental: true }),
    ...signatures(
      'mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
      ['matrix'],
      { isExperimental: true },
    ),
    ...signatures('max_of min_of', ['scalar', 'scalar'], { returnType: 'scalar', isExperimental: true }),
    ...signatures('sort_by_label sort_by_label_desc', ['vector', 'string'], { variadic: -1, isExperimental: true }),
    ...signatures('start_timestamp', ['vector'], { isExperimental: true }),
  ].map((signature) => [signature.name, signature]),
);

/** Aggregators that Prometheus enables only with the same flag as the experimental functions. */
export const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);

/** Aggregators with a parameter before the vector. */
export const AGGREGATORS_WITH_PARAMETER: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);
