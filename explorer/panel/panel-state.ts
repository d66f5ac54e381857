import {
  filterFromAddress,
  filterToAddress,
  nameFromAddress,
  nameToAddress,
  type LabelFilter,
} from './filter/label-filter.js';

/** The state of a panel, which the address contains. An empty text means the default. */
export interface PanelState {
  /** The metric of a plain panel. It is empty for a PromQL panel. */
  metric: string;
  /** The PromQL of a panel, or null for a plain one. */
  promql: string | null;
  /** Whether a PromQL panel shows the result at one time, as a table. */
  instant: boolean;
  /** The measure of the metric that is shown, such as `rate`. */
  see: string;
  /** The labels that lines are grouped by. */
  by: readonly string[];
  filters: readonly LabelFilter[];
  step: string;
  as: '' | 'bars' | 'lines' | 'table';
  /** Maximum number of lines that are drawn. All others are combined into one more line. */
  top: number;
}

/** Maximum number of panels. More would not fit on a page, and would send too many requests. */
export const MOST_PANELS = 12;

const DEFAULT_TOP = 20;
const MOST_TOP = 100;
const LOOKS = ['bars', 'lines', 'table'] as const;

/** Returns a panel of a metric, or of PromQL, with all defaults. */
export function newPanel(of: { metric: string } | { promql: string }): PanelState {
  return {
    metric: 'metric' in of ? of.metric : '',
    promql: 'promql' in of ? of.promql : null,
    instant: false,
    see: '',
    by: [],
    filters: [],
    step: '',
    as: '',
    top: DEFAULT_TOP,
  };
}

/**
 * Reads the panels from the parameters of the address. The number at the end of a name says which panel a parameter belongs to.
 * The panels are ordered by these numbers.
 */
export function panelsOf(params: URLSearchParams): PanelState[] {
  const numbers = new Set<number>();
  for (const name of params.keys()) {
    const [, number] = /^[mq](\d{1,4})$/.exec(name) ?? [];
    if (number !== undefined) numbers.add(Number(number));
  }
  return [...numbers]
    .toSorted((one, other) => one - other)
    .slice(0, MOST_PANELS)
    .map((number) => panelOf(params, number));
}

function panelOf(params: URLSearchParams, number: number): PanelState {
  const text = (name: string) => params.get(`${name}${number}`) ?? '';
  const top = Number(text('top'));
  return {
    metric: text('m'),
    promql: params.get(`m${number}`) ? null : params.get(`q${number}`),
    instant: text('inst') === '1',
    see: text('see'),
    by: text('by').split(',').filter(Boolean).map(nameFromAddress),
    filters: params
      .getAll(`f${number}`)
      .map(filterFromAddress)
      .filter((filter) => filter !== null),
    step: text('step'),
    as: LOOKS.find((look) => look === text('as')) ?? '',
    top: Number.isInteger(top) && top > 0 ? Math.min(top, MOST_TOP) : DEFAULT_TOP,
  };
}

/** Returns the parameters with the panels replaced. Parameters that belong to no panel stay. */
export function withPanels(params: URLSearchParams, panels: readonly PanelState[]): URLSearchParams {
  const changed = new URLSearchParams();
  for (const [name, value] of params) {
    if (!/^(?:m|q|inst|see|by|f|step|as|top)\d{1,4}$/.test(name)) changed.append(name, value);
  }
  for (const [number, panel] of panels.slice(0, MOST_PANELS).entries()) {
    const set = (name: string, value: string) => {
      if (value !== '') changed.append(`${name}${number}`, value);
    };
    if (panel.promql === null) set('m', panel.metric);
    else changed.append(`q${number}`, panel.promql);
    set('inst', panel.instant ? '1' : '');
    set('see', panel.see);
    set('by', panel.by.map(nameToAddress).join(','));
    for (const filter of panel.filters) set('f', filterToAddress(filter));
    set('step', panel.step);
    set('as', panel.as);
    set('top', panel.top === DEFAULT_TOP ? '' : String(panel.top));
  }
  return changed;
}
