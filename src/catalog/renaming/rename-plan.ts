import { histogramConflict } from '../metric/contradiction.js';
import type { MetricType } from '../metric/metric.js';
import { problemOfMetricName } from '../metric/metric-name.js';
import type { OwnMetrics } from '../metric/own-metrics.js';
import { Refusal } from '../refusal.js';
import type { Metric } from '../series/series.js';
import type { NameRules } from '../../outside-text/name.js';
import { type NameChange, RenameRefusedError, UnknownMetricError } from './rename.js';
import type { StoredNames } from './stored-names.js';

/** A metric that gets a new name. */
export interface PlannedMetric extends NameChange {
  readonly id: number;
}

/** The rules for new names that do not depend on the stored metrics. */
export interface NamingRules {
  readonly own: Pick<OwnMetrics, 'conflictOfType'>;
  readonly names: NameRules;
}

/**
 * Decides which metrics a rename changes: the metric itself and, for a histogram or summary, its counters. A new name must obey
 * the same rules as the name of a metric that a push creates.
 *
 * @throws UnknownMetricError, RenameRefusedError
 */
export function planRename({ from, to }: NameChange, stored: StoredNames, rules: NamingRules): PlannedMetric[] {
  const metric = stored.findMetric(from);
  if (metric === undefined) throw new UnknownMetricError(from);
  const owner = stored.ownerOf(from);
  if (owner !== undefined) {
    refuse(
      `${from} belongs to the ${kindOf(owner)} ${owner.name} and can't be renamed alone. Rename ${owner.name}, which renames its counters as well.`,
    );
  }
  const members = [metric, ...stored.partsOf(metric)];
  const planned = members.map(({ id, name }) => ({ id, from: name, to: to + name.slice(from.length) }));
  refuseTaken(to, metric.type, stored);
  // A counter with the name of a part would become a part of the renamed metric, even if that metric has no such part yet.
  for (const suffix of stored.suffixesOf(metric)) refuseTaken(to + suffix, 'counter', stored);
  const isScraped =
    members.some((member) => stored.factsOf(member).count > 0) &&
    members.every((member) => stored.factsOf(member).pushedCount === 0);
  const conflict = isOfHistogram(metric)
    ? histogramConflict(to, { catalog: stored, isScraped, own: rules.own, ...rules.names })
    : undefined;
  if (conflict !== undefined) throw new RenameRefusedError(conflict);
  for (const [index, { to: name }] of planned.entries()) {
    const problem = problemOfMetricName(name, rules.names);
    if (problem !== undefined) throw new RenameRefusedError(new Refusal('name_too_long', problem));
    const isPart = isOfHistogram(metric) && index > 0;
    const own = isScraped ? undefined : rules.own.conflictOfType(name, members[index]!.type, isPart);
    if (own !== undefined) throw new RenameRefusedError(own);
  }
  return planned;
}

function isOfHistogram({ type }: Metric): boolean {
  return type === 'histogram';
}

function refuseTaken(name: string, type: MetricType, stored: StoredNames): void {
  const taken = stored.findMetric(name);
  if (taken !== undefined) {
    refuse(
      `There is already a ${taken.type} ${name}, and a rename does not merge metrics. Choose another name, or remove ${name} first.`,
    );
  }
  const owner = stored.ownerOfNew(name, type);
  if (owner !== undefined) {
    refuse(`${name} would belong to the ${kindOf(owner)} ${owner.name}. Choose another name.`);
  }
}

/** Returns what users call a metric that consists of several. */
function kindOf(owner: Metric): 'histogram' | 'summary' {
  return isOfHistogram(owner) ? 'histogram' : 'summary';
}

function refuse(message: string): never {
  throw new RenameRefusedError(new Refusal('type_conflict', message));
}
