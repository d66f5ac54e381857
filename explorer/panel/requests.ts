import type { MetricType } from '../api/types.js';
import type { RequestOptions } from '../api/requests.js';
import type { Range } from '../router/view.js';
import { filterParameter, nameParameter } from './filter/label-filter.js';
import type { PanelState } from './panel-state.js';
import { isAdditive, sightOf } from './sights.js';
import { lengthOf, stepFor } from './step.js';

/** A request to the history. The CSV and the curl command of a panel use its first request. */
export interface PanelRequest {
  path: string;
  query: NonNullable<RequestOptions['query']>;
}

/** The settings of the header that all panels share. */
export interface SharedView extends Range {
  tz: string;
  isComparing: boolean;
}

/** Maximum number of bars and of points in a chart. */
const BARS = 60;
const POINTS = 240;

/** Returns the step of a panel, or null if only the server knows it. */
export function stepOf(panel: PanelState, type: MetricType, range: Range): string | null {
  if (panel.step !== '') return panel.step;
  const { see } = sightOf(type, panel.see, panel.by.length > 0);
  const length = lengthOf(range);
  return length === null ? null : stepFor(length, type === 'histogram' || isAdditive(type, see) ? BARS : POINTS);
}

/** Returns the requests whose answers a panel draws. */
export function requestsOf(panel: PanelState, type: MetricType, view: SharedView): PanelRequest[] {
  const { metric, by, filters, top } = panel;
  const { see } = sightOf(type, panel.see, by.length > 0);
  const step = stepOf(panel, type, view);
  const ask = (
    name: string,
    aggregate: string,
    more: Record<string, string | number | readonly string[] | null> = {},
  ) => ({
    path: '/api/history/query',
    query: {
      metric: name,
      aggregate,
      step,
      from: view.from,
      to: view.to,
      tz: view.tz,
      label: filters.map(filterParameter),
      groupBy: by.length > 0 ? by.map(nameParameter).join(',') : null,
      lines: by.length > 0 ? top : null,
      compare: view.isComparing || isAdditive(type, see) ? 'previous' : null,
      ...more,
    },
  });

  // The last value and the number of samples tell where stale markers have ended a line.
  if (type === 'gauge') return [ask(metric, GAUGE_AGGREGATES[see] ?? `${see},last,count`)];
  if (type === 'counter') return [ask(metric, see)];
  if (see === 'count') return [ask(`${metric}_count`, 'increase')];
  if (see === 'average') return [ask(`${metric}_sum`, 'increase'), ask(`${metric}_count`, 'increase')];
  return [ask(`${metric}_bucket`, 'increase', { groupBy: ['le', ...by.map(nameParameter)].join(',') })];
}

/**
 * The aggregates that are requested for some measures of a gauge. For other measures, the measure itself, the last value and the
 * number of samples are requested.
 */
const GAUGE_AGGREGATES: Readonly<Record<string, string>> = {
  avg: 'avg,min,max,last,count',
  last: 'last,avg,count',
  count: 'count',
};
