import type { ListedMetric } from '../api/types.js';
import { splitFilter, type PanelState } from './panel-state.js';
import { labelName, quoted, selector } from './promql-names.js';
import { sightOf } from './sights.js';

/** Returns the curl command for a request. It contains no secret. */
export function curlOf(address: string): string {
  return `curl -sS -H "Authorization: $READ_TOKEN" '${address.replaceAll("'", '%27')}'`;
}

/** Returns the PromQL query for the numbers of a panel. For a heatmap, it computes the 95th percentile. */
export function promqlOf(panel: PanelState, { name, type }: ListedMetric, step: string): string {
  const { see } = sightOf(type, panel.see, panel.by.length > 0);
  const window = `[${step === '1mo' ? '30d' : step || '5m'}]`;
  const delta = selectorOf(name, panel.filters, ['__view__="delta"']);
  const plain = selectorOf(name, panel.filters);
  if (type === 'counter') {
    if (see === 'rate') return `sum${by(...panel.by)} (rate(${plain}${window}))`;
    if (see === 'last') return `sum${by(...panel.by)} (${plain})`;
    return `sum${by(...panel.by)} (sum_over_time(${delta}${window}))`;
  }
  if (type === 'gauge') {
    if (see === 'last') return `sum${by(...panel.by)} (${plain})`;
    const share = { p50: 0.5, p95: 0.95 }[see];
    if (share !== undefined) return `avg${by(...panel.by)} (quantile_over_time(${share}, ${plain}${window}))`;
    return `${see}${by(...panel.by)} (${see}_over_time(${plain}${window}))`;
  }
  const part = (suffix: string) => selectorOf(`${name}_${suffix}`, panel.filters, ['__view__="delta"']);
  if (see === 'count') return `sum${by(...panel.by)} (sum_over_time(${part('count')}${window}))`;
  if (see === 'average') {
    return (
      `sum${by(...panel.by)} (sum_over_time(${part('sum')}${window})) / ` +
      `sum${by(...panel.by)} (sum_over_time(${part('count')}${window}))`
    );
  }
  const share = { p50: '0.5', p99: '0.99' }[see] ?? '0.95';
  return `histogram_quantile(${share}, sum${by('le', ...panel.by)} (sum_over_time(${part('bucket')}${window})))`;
}

/** Returns the selector of the series that a panel shows. Values of one label are alternatives, as in the history. */
function selectorOf(name: string, filters: readonly string[], more: readonly string[] = []): string {
  const values = new Map<string, string[]>();
  for (const filter of filters) {
    const [label, value] = splitFilter(filter);
    values.set(label, [...(values.get(label) ?? []), value]);
  }
  const matchers = [...values].map(([label, all]) =>
    all.length === 1
      ? `${labelName(label)}=${quoted(all[0]!)}`
      : `${labelName(label)}=~${quoted(all.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)).join('|'))}`,
  );
  return selector(name, [...more, ...matchers]);
}

function by(...labels: readonly string[]): string {
  return labels.length > 0 ? ` by (${labels.map((label) => labelName(label)).join(', ')})` : '';
}
