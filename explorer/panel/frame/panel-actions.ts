import { route, show } from '../../router/location.js';
import { withFilters, type LabelFilter } from '../filter/label-filter.js';
import { panelsOf, withPanels, type PanelState } from '../panel-state.js';

/** Changes one panel in the address. With `replace`, which typing uses, the browser's history gets no new entry. */
export function changePanel(index: number, changes: Partial<PanelState>, options?: { replace?: boolean }): void {
  const panels = panelsOf(route.peek().params);
  const panel = panels[index];
  if (panel === undefined) return;
  panels[index] = { ...panel, ...changes };
  show('explore', withPanels(route.peek().params, panels), options);
}

/** Adds a panel at the end. */
export function addPanel(panel: PanelState): void {
  show('explore', withPanels(route.peek().params, [...panelsOf(route.peek().params), panel]));
}

/** Removes a panel from the address. */
export function removePanel(index: number): void {
  const panels = panelsOf(route.peek().params).filter((_, at) => at !== index);
  show('explore', withPanels(route.peek().params, panels));
}

/** Adds filters to those of a panel. Filters that select values of the same label are alternatives. */
export function addFilters(index: number, ...added: readonly LabelFilter[]): void {
  const panel = panelsOf(route.peek().params)[index];
  if (panel !== undefined) changePanel(index, { filters: withFilters(panel.filters, added) });
}
