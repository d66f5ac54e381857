import type { MetricType } from '../api/types.js';
import type { RequestOptions } from '../api/requests.js';
import type { Range } from '../router/view.js';
import type { PanelState } from './panel-state.js';
import { sightOf } from './sights.js';
import { lengthOf, stepFor } from './step.js';

/** A request to the history. The first one of a panel is also used for its CSV and its curl command. */
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

/** Returns the requests whose answers a panel draws. */
export function requestsOf(panel: PanelState, type: MetricType, view: SharedView): PanelRequest[] {
  const { metric, by, filters, top } = panel;
  const { see } = sightOf(type, panel.see, by.length > 0);
  const isCoarse = type === 'histogram' || see === 'increase';
  const length = lengthOf(view);
  const step = panel.step || (length === null ? null : stepFor(length, isCoarse ? BARS : POINTS));
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
      label: filters,
      groupBy: by.length > 0 ? by.join(',') : null,
      lines: by.length > 0 ? top : null,
      compare: view.isComparing || see === 'increase' || see === 'count' ? 'previous' : null,
      ...more,
    },
  });

  if (type === 'gauge')
    return [ask(metric, see === 'avg' ? 'avg,min,max,last,count' : see === 'last' ? 'last' : `${see},last`)];
  if (type === 'counter') return [ask(metric, see)];
  if (see === 'count') return [ask(`${metric}_count`, 'increase')];
  if (see === 'average') return [ask(`${metric}_sum`, 'increase'), ask(`${metric}_count`, 'increase')];
  // A histogram needs the lines of all its bounds, so none may be left out.
  return [ask(`${metric}_bucket`, 'increase', { groupBy: ['le', ...by].join(','), lines: null })];
}
