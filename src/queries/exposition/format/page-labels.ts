import { escapeLabelValue, forEachLabelIn } from '../../../catalog/series/label-set.js';
import type { Metric } from '../../../catalog/series/series.js';
import { escapeLabelName, type EscapingScheme } from '../../../outside-text/escaped-name.js';
import { isLabelName } from '../../../outside-text/name.js';

/**
 * Converts the labels of a series, as the catalog has them, to those that an exposition shows. Returns undefined if the series
 * must be left out of this exposition. That can happen to a series that was created during the rendering: one of its label names
 * has no escaped form yet, or was already chosen as the escaped form of another name.
 */
export type LabelTexts = (labelsText: string) => string | undefined;

/**
 * The prefix of the label names that Prometheus reserves for itself. It drops or misreads scraped labels whose names begin with
 * it.
 */
const RESERVED = '__';

/**
 * Escapes the names of the labels of a family. No two labels of the family get the same escaped name, so no two series become
 * identical, and no series gets the same label twice. A label with a legal name keeps it.
 *
 * Yields empty texts in between, so that other work can get a turn.
 *
 * @param taken the label names of the service's own samples in the family; all of them are legal
 */
export function* escapedLabels(
  metrics: readonly (Metric | undefined)[],
  taken: readonly string[],
  escaping: EscapingScheme,
): Generator<'', LabelTexts> {
  const shown = new Set(taken);
  const names = new Set<string>();
  for (const metric of metrics) {
    for (const { labelsText } of metric?.series.values() ?? []) {
      forEachLabelIn(labelsText, (name) => (isLabelName(name) ? shown : names).add(name));
      yield '';
    }
  }
  const escaped = new Map<string, string>();
  const chosenNames = new Set<string>();
  for (const name of names) {
    let chosen = escapeLabelName(name, escaping);
    if (shown.has(chosen) || chosen.startsWith(RESERVED)) chosen = escapeLabelName(name, 'values');
    while (shown.has(chosen)) chosen += '_';
    shown.add(chosen);
    chosenNames.add(chosen);
    escaped.set(name, chosen);
    yield '';
  }
  return (labelsText) => {
    const labels: string[] = [];
    let isNew = false;
    forEachLabelIn(labelsText, (name, value) => {
      const isLegal = isLabelName(name);
      isNew ||= isLegal ? chosenNames.has(name) : !escaped.has(name);
      labels.push(`${isLegal ? name : escaped.get(name)}="${escapeLabelValue(value)}"`);
    });
    return isNew ? undefined : labels.join(',');
  };
}
