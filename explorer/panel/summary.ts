import { formatFull } from '../format/number.js';
import { zone } from '../router/view.js';
import { formatStep } from '../chart/axes.js';
import { stackedTotals } from '../chart/model.js';
import type { ListedMetric } from '../api/types.js';
import type { PanelView } from './view/panel-view.js';

/** Describes a chart in a sentence, for people who can't see it. */
export function summaryOf({ name, unit: ownUnit }: ListedMetric, { model, big, isTotal, rows }: PanelView): string {
  // The number of samples has no unit.
  const unit = isTotal ? model.unit : ownUnit;
  const value = `${name}: ${formatFull(big.value, unit)} ${big.name}`;
  const lines = rows.length > 1 ? `, in ${rows.length} lines` : '';
  if (!isTotal || model.times.length === 0) return `${value}${lines}.`;
  const totals = stackedTotals(model.lines, model.times.length);
  const most = totals.reduce((best, total, index) => (total > totals[best]! ? index : best), 0);
  if (!(totals[most]! > 0)) return `${value}${lines}.`;
  return `${value}${lines}, most (${formatFull(totals[most]!, unit)}) at ${formatStep(model.times[most]!, model.ends[most]!, zone.value)}.`;
}
