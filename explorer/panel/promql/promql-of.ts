import type { ListedMetric } from '../../api/types.js';
import type { LabelFilter } from '../filter/label-filter.js';
import type { PanelState } from '../panel-state.js';
import { labelName, quoted, selector } from './promql-names.js';
import type { SeriesFacts } from '../filter/series-facts.js';
import { sightOf } from '../sights.js';
import { secondsOf } from '../step.js';

/** The PromQL query that is equivalent to a panel, or a sentence that says why there is none. */
export type Promql = { query: string; reason?: never } | { reason: string; query?: never };

/**
 * Matchers that make a range contain the samples as they were pushed. Without them, it would contain values that are held until
 * the next push.
 */
const DELTA = '__view__="delta"';
const RAW = '__view__="raw"';

const OF_SEVERAL_SERIES =
  'PromQL computes this for each series and cannot combine several. Group or filter until each line has one series.';

/**
 * Returns the PromQL query for the numbers of a panel. For a heatmap, the query computes the 95th percentile.
 *
 * @param step the step of the panel, or an empty text if only the server knows it
 */
export function promqlOf(
  panel: PanelState,
  { name, type }: Pick<ListedMetric, 'name' | 'type'>,
  step: string,
  { isCumulative, isOneEach }: SeriesFacts,
): Promql {
  const { see } = sightOf(type, panel.see, panel.by.length > 0);
  const select = (view = '', suffix = '') => selectorOf(name + suffix, panel.filters, view === '' ? [] : [view]);
  const by = byOf(panel.by);
  if (see === 'last') return { query: `sum${by} (${select()})` };
  const seconds = step === '' ? 300 : secondsOf(step);
  if (seconds === null) return { reason: `A window of PromQL has a fixed length, but the length of ${step} varies.` };
  const window = `[${windowOf(step)}]`;
  // The pushed samples of a counter can be added up only if each is an increment.
  const added = (suffix = '') =>
    isCumulative ? `increase(${select('', suffix)}${window})` : `sum_over_time(${select(DELTA, suffix)}${window})`;
  if (type === 'gauge') return ofGauge(see, by, `${select(RAW)}${window}`, isOneEach);
  if (type === 'counter') {
    if (see === 'count') return { query: `sum${by} (count_over_time(${select(RAW)}${window}))` };
    if (see !== 'rate') return { query: `sum${by} (${added()})` };
    if (isCumulative) return { query: `sum${by} (rate(${select()}${window}))` };
    return { query: `sum${by} (${added()}) / ${seconds}` };
  }
  if (see === 'count') return { query: `sum${by} (${added('_count')})` };
  if (see === 'average') return { query: `sum${by} (${added('_sum')}) / sum${by} (${added('_count')})` };
  const share = { p50: '0.5', p99: '0.99' }[see] ?? '0.95';
  return { query: `histogram_quantile(${share}, sum${byOf(['le', ...panel.by])} (${added('_bucket')}))` };
}

const QUANTILES: Readonly<Record<string, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

function ofGauge(see: string, by: string, range: string, isOneEach: boolean): Promql {
  if (see === 'min' || see === 'max') return { query: `${see}${by} (${see}_over_time(${range}))` };
  const count = `sum${by} (count_over_time(${range}))`;
  if (see === 'count') return { query: count };
  if (see === 'avg' && !isOneEach) return { query: `sum${by} (sum_over_time(${range})) / ${count}` };
  if (see === 'stddev' && !isOneEach) {
    const squares = `sum${by} (count_over_time(${range}) * (stdvar_over_time(${range}) + avg_over_time(${range}) ^ 2))`;
    return { query: `sqrt(${squares} / ${count} - (sum${by} (sum_over_time(${range})) / ${count}) ^ 2)` };
  }
  if (!isOneEach) return { reason: OF_SEVERAL_SERIES };
  const quantile = QUANTILES[see];
  const call = quantile === undefined ? `${see}_over_time(${range})` : `quantile_over_time(${quantile}, ${range})`;
  return { query: `sum${by} (${call})` };
}

/** Returns the selector of the series that a panel shows. Values of one label are alternatives, as in the history. */
function selectorOf(name: string, filters: readonly LabelFilter[], more: readonly string[]): string {
  const labels = new Map<string, LabelFilter[]>();
  for (const filter of filters) {
    const key = `${filter.isExcluded} ${filter.label}`;
    labels.set(key, [...(labels.get(key) ?? []), filter]);
  }
  return selector(name, [...more, ...[...labels.values()].map(matcherOf)]);
}

function matcherOf(filters: readonly LabelFilter[]): string {
  const [{ label, value, isExcluded }] = filters as [LabelFilter];
  if (filters.length === 1) return `${labelName(label)}${isExcluded ? '!=' : '='}${quoted(value)}`;
  const values = filters.map((each) => each.value.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`));
  return `${labelName(label)}${isExcluded ? '!~' : '=~'}${quoted(values.join('|'))}`;
}

function byOf(labels: readonly string[]): string {
  return labels.length > 0 ? ` by (${labels.map((label) => labelName(label)).join(', ')})` : '';
}

/** Returns the length of a window. PromQL needs a unit where the history takes a number of seconds. */
function windowOf(step: string): string {
  if (step === '') return '5m';
  return /^\d+$/.test(step) ? `${step}s` : step;
}
