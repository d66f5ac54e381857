import type { AggregateExpression } from '../../syntax/ast.js';
import { PromqlExecutionError } from '../errors.js';
import type { QueryBudget } from '../query-budget.js';
import type { Column } from '../series/column.js';
import type { Labels } from '../series/series-source.js';
import { type FoldedAggregator, GROUP_FOLDS, type GroupFold } from './group-fold.js';
import { groupKey, groupLabels, type Grouping } from './grouping.js';

interface FoldedGroup {
  readonly labels: Labels;
  readonly fold: GroupFold;
  dropsName: boolean;
}

/**
 * Aggregates series that come in slices. One result is kept for each group, and none of the series. The result is the same, to
 * the last bit, as if all series had been present at once in the same order.
 */
export class FoldedGroups {
  private readonly groups = new Map<string, FoldedGroup>();
  private readonly keyOf: (labels: Labels) => string;
  private readonly grouping: Grouping;
  private readonly aggregator: FoldedAggregator;

  /** @param maxGroups maximum number of groups, each of which takes memory until the query ends */
  constructor(
    { aggregator, grouping, isWithout }: AggregateExpression,
    private readonly steps: number,
    private readonly budget: QueryBudget,
    private readonly maxGroups: number,
  ) {
    this.aggregator = aggregator as FoldedAggregator;
    this.grouping = { labels: grouping, isWithout };
    this.keyOf = groupKey(this.grouping);
  }

  /** @throws PromqlExecutionError if there are too many groups */
  add(members: readonly Column[]): void {
    for (const member of members) {
      this.budget.work(this.steps);
      const group = this.groupOf(member.labels);
      group.dropsName ||= member.dropsName;
      group.fold.add(member);
    }
  }

  /** Returns one series for each group, in the order of their first members. */
  columns(): Column[] {
    return Array.from(this.groups.values(), ({ labels, dropsName, fold }) => ({
      labels,
      dropsName,
      ...fold.result(),
    }));
  }

  private groupOf(labels: Labels): FoldedGroup {
    const key = this.keyOf(labels);
    let group = this.groups.get(key);
    if (group === undefined) {
      if (this.groups.size >= this.maxGroups) {
        throw new PromqlExecutionError(
          `${this.aggregator} makes more than ${this.maxGroups} groups, the limit: aggregate by fewer labels, or select fewer series`,
        );
      }
      this.budget.take(this.steps);
      group = {
        labels: groupLabels(labels, this.grouping),
        fold: GROUP_FOLDS[this.aggregator](this.steps),
        dropsName: false,
      };
      this.groups.set(key, group);
    }
    return group;
  }
}
