import { averageView } from './average-view.js';
import { histogramView } from './histogram-view.js';
import type { PanelView, ViewInput } from './panel-view.js';
import { pointsView } from './points-view.js';

/** Returns everything that a panel shows, derived from the answers to its requests. */
export function viewOf(input: ViewInput): PanelView {
  if (input.metric.type !== 'histogram' || input.see === 'count') return pointsView(input);
  return input.see === 'average' ? averageView(input) : histogramView(input);
}
