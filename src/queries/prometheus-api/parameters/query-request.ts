import { type View, VIEWS } from '../../../promql/evaluation/series/series-source.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import { parseSignedWhole } from '../../../outside-text/number.js';
import { invalidParameter, PrometheusError } from '../answers/prometheus.error.js';
import type { RequestParameters } from './request-parameters.js';
import { durationParameter, parseDurationMs, timeParameter } from './time-parameter.js';

/** A query with the limits that its client sets. Times and durations are in milliseconds. */
export interface QueryRequest {
  readonly query: string;
  readonly isRange: boolean;
  readonly startMs: number;
  /** The end of the range. In an instant query it equals `startMs`. */
  readonly endMs: number;
  /** The step of a range query; 0 in an instant query. */
  readonly stepMs: number;
  readonly timeoutMs: number;
  readonly lookbackMs: number;
  /** The view of selectors that do not choose one. */
  readonly view: View;
  /** Maximum number of series in the answer; 0 means all. */
  readonly limit: number;
}

/** The limits of a request, and the defaults of its parameters. */
export interface QueryDefaults {
  /** The current time in milliseconds since the epoch. */
  readonly now: number;
  readonly timeoutMs: number;
  readonly lookbackMs: number;
  readonly maxPoints: number;
}

/**
 * Reads the parameters of `/api/v1/query`.
 *
 * @throws PrometheusError
 */
export function instantRequestOf(parameters: RequestParameters, defaults: QueryDefaults): QueryRequest {
  const time = parameters.first('time');
  const at = time === '' ? defaults.now : timeParameter('time', time);
  return { ...commonOf(parameters, defaults), isRange: false, startMs: at, endMs: at, stepMs: 0 };
}

/**
 * Reads the parameters of `/api/v1/query_range`. The parameters are checked in the same order as in Prometheus, and the error
 * names the first wrong one.
 *
 * @throws PrometheusError
 */
export function rangeRequestOf(parameters: RequestParameters, defaults: QueryDefaults): QueryRequest {
  const startMs = timeParameter('start', parameters.first('start'));
  const endMs = timeParameter('end', parameters.first('end'));
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time');
  const stepMs = durationParameter('step', parameters.first('step'));
  if (stepMs <= 0) {
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  // A step is at least a millisecond, so the number of points determines the amount of work.
  if ((endMs - startMs) / stepMs > defaults.maxPoints) {
    const maxPoints = defaults.maxPoints.toLocaleString('en-US');
    throw new PrometheusError(
      'bad_data',
      `exceeded maximum resolution of ${maxPoints} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  }
  return { ...commonOf(parameters, defaults), isRange: true, startMs, endMs, stepMs };
}

/**
 * Reads the `limit` parameter.
 *
 * @throws PrometheusError
 */
export function limitOf(parameters: RequestParameters): number {
  const text = parameters.first('limit');
  if (text === '') return 0;
  const limit = parseSignedWhole(text);
  if (limit === undefined) {
    throw invalidParameter('limit', `strconv.Atoi: parsing ${JSON.stringify(abbreviate(text))}: invalid syntax`);
  }
  if (limit < 0) throw invalidParameter('limit', 'limit must be non-negative');
  return limit;
}

/**
 * Reads the `view` parameter.
 *
 * @throws PrometheusError
 */
export function viewOf(parameters: RequestParameters): View {
  const text = parameters.first('view');
  if (text === '') return 'held';
  const view = VIEWS.find((known) => known === text);
  if (view !== undefined) return view;
  throw invalidParameter('view', `${JSON.stringify(text)} is not one of held, raw and delta`);
}

function commonOf(
  parameters: RequestParameters,
  defaults: QueryDefaults,
): Pick<QueryRequest, 'query' | 'limit' | 'timeoutMs' | 'lookbackMs' | 'view'> {
  const limit = limitOf(parameters);
  const timeout = parameters.first('timeout');
  const timeoutMs =
    timeout === '' ? defaults.timeoutMs : Math.min(durationParameter('timeout', timeout), defaults.timeoutMs);
  return {
    limit,
    timeoutMs: Math.max(timeoutMs, 1),
    lookbackMs: lookbackOf(parameters, defaults),
    view: viewOf(parameters),
    query: parameters.first('query'),
  };
}

/** Reads the lookback. Prometheus has a special error message for it. */
function lookbackOf(parameters: RequestParameters, { lookbackMs }: QueryDefaults): number {
  const text = parameters.first('lookback_delta');
  if (text === '') return lookbackMs;
  const asked = parseDurationMs(text);
  if (asked === undefined) {
    throw new PrometheusError(
      'bad_data',
      `error parsing lookback delta duration: cannot parse ${JSON.stringify(text)} to a valid duration`,
    );
  }
  // As in Prometheus, the default replaces a value of 0 or less, which would not make sense.
  return asked > 0 ? asked : lookbackMs;
}
