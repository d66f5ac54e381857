import * as overTime from './over-time-functions.js';
import type { RangeFunction } from './range-function.js';
import { delta, idelta, increase, irate, rate } from './rate-functions.js';
import { deriv, doubleExponentialSmoothing, predictLinear } from './trend-functions.js';

export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map([
  ['rate', rate],
  ['increase', increase],
  ['delta', delta],
  ['irate', irate],
  ['idelta', idelta],
  ['deriv', deriv],
  ['predict_linear', predictLinear],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['resets', overTime.resets],
  ['changes', overTime.changes],
  ['absent_over_time', overTime.presentOverTime],
  ['present_over_time', overTime.presentOverTime],
  ['count_over_time', overTime.countOverTime],
  ['first_over_time', overTime.firstOverTime],
  ['last_over_time', overTime.lastOverTime],
  ['sum_over_time', overTime.sumOverTime],
  ['avg_over_time', overTime.avgOverTime],
  ['min_over_time', overTime.minOverTime],
  ['max_over_time', overTime.maxOverTime],
  ['stddev_over_time', overTime.stddevOverTime],
  ['stdvar_over_time', overTime.stdvarOverTime],
  ['quantile_over_time', overTime.quantileOverTime],
  ['mad_over_time', overTime.madOverTime],
  ['ts_of_first_over_time', overTime.tsOfFirstOverTime],
  ['ts_of_last_over_time', overTime.tsOfLastOverTime],
  ['ts_of_min_over_time', overTime.tsOfMinOverTime],
  ['ts_of_max_over_time', overTime.tsOfMaxOverTime],
]);

/** The functions that keep the name of the series, as in Prometheus: their value is a sample that they choose by its time. */
export const NAME_KEEPING_RANGE_FUNCTIONS: ReadonlySet<string> = new Set(['first_over_time', 'last_over_time']);
