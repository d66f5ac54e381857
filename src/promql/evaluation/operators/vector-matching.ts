import type { ArithmeticOperator, ComparisonOperator, VectorMatching } from '../../syntax/ast.js';
import { arithmetic, comparison, isComparison } from './arithmetic.js';
import { ColumnCollector, type Column } from '../series/column.js';
import { PromqlExecutionError } from '../errors.js';
import { dropLabels, dropMetadata, keepLabels, labelKey, labelText, withLabel } from '../series/labels.js';
import { matchedLabels, matchGroups, presentInAny } from './match-groups.js';
import type { QueryBudget } from '../query-budget.js';
import type { Labels } from '../series/series-source.js';

export interface VectorOperation {
  readonly operator: ArithmeticOperator | ComparisonOperator;
  readonly returnsBool: boolean;
  readonly matching: VectorMatching;
  readonly left: readonly Column[];
  readonly right: readonly Column[];
  readonly steps: number;
  /** The budget is charged for the result, because each pair of series makes a series. */
  readonly budget: QueryBudget;
}

/** Applies an operator to two instant vectors: each series of the "many" side is combined with its partner on the "one" side. */
export function combineVectors(operation: VectorOperation): Column[] {
  return new VectorCombination(operation).run();
}

/** Computes the result of a pair of values. The result is kept only where `keeps` returns true, or always if `keeps` is null. */
interface ElementOperation {
  readonly value: (left: number, right: number) => number;
  readonly keeps: ((left: number, right: number) => boolean) | null;
}

class VectorCombination {
  private readonly result = new ColumnCollector();
  private readonly element: ElementOperation;
  /** True if the sides are swapped, as for `group_right`. */
  private readonly isSwapped: boolean;
  private readonly many: readonly Column[];
  private readonly one: readonly Column[];

  constructor(private readonly operation: VectorOperation) {
    this.element = elementOperation(operation);
    this.isSwapped = operation.matching.cardinality === 'one-to-many';
    this.many = this.isSwapped ? operation.right : operation.left;
    this.one = this.isSwapped ? operation.left : operation.right;
  }

  run(): Column[] {
    for (const group of matchGroups(this.many, this.one, this.operation.matching)) {
      if (group.right.length > 1) {
        this.refuseDuplicates(group.right);
      }
      this.combineGroup(group.left, group.right);
    }
    return this.result.columns;
  }

  /**
   * Refuses two series on the "one" side that have a value at the same step, if any series of the other side has a value at
   * that step.
   */
  private refuseDuplicates(ones: readonly Column[]): void {
    const { steps, matching } = this.operation;
    const relevant = presentInAny(this.many, steps);
    const seen: (Column | undefined)[] = Array.from({ length: steps });
    for (const column of ones) {
      for (let step = 0; step < steps; step++) {
        if (column.present[step] === 0 || relevant[step] === 0) {
          continue;
        }
        const other = seen[step];
        if (other !== undefined) {
          throw duplicatesError(other, column, matching);
        }
        seen[step] = column;
      }
    }
  }

  private combineGroup(many: readonly Column[], ones: readonly Column[]): void {
    const uniqueness = new MatchUniqueness(this.operation, many.length > 1 || ones.length > 1);
    for (const one of ones) {
      for (const column of many) {
        const labels = this.resultLabels(column.labels, one.labels);
        uniqueness.check(labels, column.present, one.present);
        this.result.add(this.combinePair(column, one, labels));
      }
    }
  }

  private combinePair(many: Column, one: Column, labels: Labels): Column {
    const { steps, returnsBool, budget } = this.operation;
    budget.take(steps);
    const { value, keeps } = this.element;
    const [left, right] = this.isSwapped ? [one, many] : [many, one];
    const values = new Float64Array(steps);
    const present = new Uint8Array(steps);
    for (let step = 0; step < steps; step++) {
      if (left.present[step] === 1 && right.present[step] === 1) {
        const a = left.values[step]!;
        const b = right.values[step]!;
        if (keeps === null || keeps(a, b)) {
          values[step] = value(a, b);
          present[step] = 1;
        }
      }
    }
    // The labels of an arithmetic result no longer contain the name, so there is nothing left to drop.
    return {
      labels,
      dropsName: returnsBool || (isComparison(this.operation.operator) && many.dropsName),
      values,
      present,
    };
  }

  private resultLabels(many: Labels, one: Labels): Labels {
    const { operator, matching } = this.operation;
    let labels = isComparison(operator) ? many : dropMetadata(many);
    if (matching.cardinality === 'one-to-one') {
      labels = matching.isOn ? keepLabels(labels, matching.labels) : dropLabels(labels, new Set(matching.labels));
    }
    for (const name of matching.include) {
      labels = withLabel(labels, name, one.get(name) ?? '');
    }
    return labels;
  }
}

/**
 * Refuses two results of one match group that have a value at the same step: any two results in one-to-one matching, and two
 * results with the same labels in matching with a group modifier.
 */
class MatchUniqueness {
  private readonly matchedByKey = new Map<string, Uint8Array>();

  constructor(
    private readonly operation: VectorOperation,
    /** False if there is only one pair, so that nothing has to be checked. */
    private readonly isNeeded: boolean,
  ) {}

  check(labels: Labels, many: Uint8Array, one: Uint8Array): void {
    if (!this.isNeeded) {
      return;
    }
    const isOneToOne = this.operation.matching.cardinality === 'one-to-one';
    const key = isOneToOne ? '' : labelKey(labels);
    let matched = this.matchedByKey.get(key);
    if (matched === undefined) {
      matched = new Uint8Array(this.operation.steps);
      this.matchedByKey.set(key, matched);
    }
    for (let step = 0; step < matched.length; step++) {
      if (many[step] === 1 && one[step] === 1) {
        if (matched[step] === 1) {
          throw new PromqlExecutionError(
            isOneToOne
              ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
              : 'multiple matches for labels: grouping labels must ensure unique matches',
          );
        }
        matched[step] = 1;
      }
    }
  }
}

function elementOperation({ operator, returnsBool }: VectorOperation): ElementOperation {
  if (!isComparison(operator)) {
    return { value: arithmetic(operator), keeps: null };
  }
  const holds = comparison(operator);
  return returnsBool
    ? { value: (left, right) => (holds(left, right) ? 1 : 0), keeps: null }
    : { value: (left) => left, keeps: holds };
}

function duplicatesError(a: Column, b: Column, matching: VectorMatching): PromqlExecutionError {
  const side = matching.cardinality === 'one-to-many' ? 'left' : 'right';
  const series = [labelText(a.labels), labelText(b.labels)].toSorted();
  return new PromqlExecutionError(
    `found duplicate series for the match group ${labelText(matchedLabels(b.labels, matching))} on the ${side} hand-side of the operation: ` +
      `[${series.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}
