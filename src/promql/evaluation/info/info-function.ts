import type { FunctionCall, LabelMatcher } from '../../syntax/ast.js';
import { compileMatcher } from '../../syntax/matcher/matcher.js';
import { ColumnCollector, type Column } from '../series/column.js';
import { PromqlExecutionError } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { infoMatchers, infoTime } from './info-selection.js';
import { findInstants, NO_VALUE, sampleTimeAt } from '../series/instant-samples.js';
import { keyOfLabels, labelKey, labelText, METRIC_NAME, withLabel } from '../series/labels.js';
import type { QueryBudget } from '../query-budget.js';
import { VIEW_LABEL } from '../series/selector-view.js';
import { lookAtTimes } from '../series/selectors.js';
import type { Labels, SelectedSeries } from '../series/series-source.js';
import type { TimeSteps } from '../time-steps.js';

/** The labels that link an info series to other series, as in Prometheus. */
const IDENTIFYING_LABELS = ['instance', 'job'];

/** Evaluates `info(v, selector)`: adds the labels of info series with the same instance and job to each series. */
export function addInfoLabels(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): Column[] {
  const base = evaluation.vector(call.arguments[0]!, steps);
  const matchers = infoMatchers(call).filter(({ label }) => label !== VIEW_LABEL);
  const join = new InfoJoin(matchers, call.arguments.length > 1);
  const infoSeries = new InfoSeries(evaluation, call, steps);
  const collector = new ColumnCollector();
  const made = base.map(() => new Map<Labels, Column>());
  for (let step = 0; step < steps.count; step++) {
    const infos = infoSeries.at(step);
    for (const [place, column] of base.entries()) {
      if (column.present[step] === 0) {
        continue;
      }
      const labels = join.labelsOf(column.labels, infos.get(identity(column.labels)) ?? []);
      if (labels === null) {
        continue;
      }
      let result = made[place]!.get(labels);
      if (result === undefined) {
        evaluation.budget.take(steps.count);
        result = { ...column, labels, present: new Uint8Array(steps.count) };
        made[place]!.set(labels, result);
      }
      result.present[step] = 1;
    }
  }
  for (const columns of made) {
    for (const column of columns.values()) {
      collector.add(column);
    }
  }
  return collector.columns;
}

/** Returns a key for the identifying labels. The key is empty if a series has none of them, so that it matches no info series. */
function identity(labels: Labels): string {
  return keyOfLabels(labels, IDENTIFYING_LABELS);
}

/**
 * Finds the info series that have a value at a step. Of several series with the same name and identity, only the one with the
 * newest sample counts.
 */
class InfoSeries {
  private readonly budget: QueryBudget;
  /** The series that have a value at some step, with the place of the sample at each step. */
  private readonly found: { readonly series: SelectedSeries; readonly key: string; readonly places: Int32Array }[] = [];

  constructor(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps) {
    const { plan, source, budget } = evaluation;
    const times = lookAtTimes(evaluation, infoTime(call.arguments[0]!), steps);
    this.budget = budget;
    for (const series of source.seriesOf(plan.requestOf.get(call)!)) {
      budget.take(series.timestamps.length + steps.count);
      const key = identity(series.labels);
      if (key === '') {
        continue;
      }
      const places = new Int32Array(steps.count);
      if (findInstants(series, times, plan, places)) {
        this.found.push({ series, key, places });
      }
    }
  }

  at(step: number): Map<string, Labels[]> {
    const newest = new Map<string, { labels: Labels; key: string; timeMs: number }>();
    this.budget.work(this.found.length);
    for (const { series, key, places } of this.found) {
      const place = places[step]!;
      if (place === NO_VALUE) {
        continue;
      }
      const { labels } = series;
      const timeMs = sampleTimeAt(series, place);
      const nameAndKey = `${labels.get(METRIC_NAME) ?? ''}\n${key}`;
      const other = newest.get(nameAndKey);
      if (other?.timeMs === timeMs) {
        throw new PromqlExecutionError(
          `found duplicate series for info metric: existing ${labelText(other.labels)} @ ${timeMs}, new ${labelText(labels)} @ ${timeMs}`,
        );
      }
      if (other === undefined || other.timeMs < timeMs) {
        newest.set(nameAndKey, { labels, key, timeMs });
      }
    }
    return groupByKey(newest.values());
  }
}

function groupByKey(infos: Iterable<{ labels: Labels; key: string }>): Map<string, Labels[]> {
  const groups = new Map<string, Labels[]>();
  for (const { labels, key } of infos) {
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [labels]);
    } else {
      group.push(labels);
    }
  }
  return groups;
}

class InfoJoin {
  private readonly isInfoName: (name: string) => boolean;
  /** The names of the labels to add, or null to add all. */
  private readonly wanted: ReadonlySet<string> | null;
  private readonly needsInfo: boolean;
  private readonly known = new Map<string, Labels | null>();

  constructor(matchers: readonly LabelMatcher[], hasSelector: boolean) {
    const compiled = matchers.map((matcher) => compileMatcher(matcher));
    const names = compiled.filter(({ label }) => label === METRIC_NAME);
    const data = hasSelector ? compiled.filter(({ label }) => label !== METRIC_NAME) : [];
    this.isInfoName = (name) => names.every(({ matches }) => matches(name));
    this.wanted = data.length > 0 ? new Set(data.map(({ label }) => label)) : null;
    this.needsInfo = data.some(({ matchesEmpty }) => !matchesEmpty);
  }

  /**
   * Returns the labels of a result.
   *
   * @returns null if the series is left out, because the selector requires an info series and the series has none
   */
  labelsOf(base: Labels, infos: readonly Labels[]): Labels | null {
    if (this.isInfoName(base.get(METRIC_NAME) ?? '')) {
      return base;
    }
    if (infos.length === 0) {
      return this.needsInfo ? null : base;
    }
    const key = [base, ...infos].map(labelKey).join('\n');
    let labels = this.known.get(key);
    if (labels === undefined) {
      labels = this.joined(base, infos);
      this.known.set(key, labels);
    }
    return labels;
  }

  private joined(base: Labels, infos: readonly Labels[]): Labels {
    let labels = base;
    const added = new Map<string, string>();
    for (const [name, value] of infos.flatMap((info) => [...info])) {
      if (name === METRIC_NAME || (this.wanted !== null && !this.wanted.has(name))) {
        continue;
      }
      if (added.has(name) && added.get(name) !== value) {
        throw new PromqlExecutionError(`conflicting label: ${name}`);
      }
      if (!base.has(name)) {
        added.set(name, value);
        labels = withLabel(labels, name, value);
      }
    }
    return labels;
  }
}
