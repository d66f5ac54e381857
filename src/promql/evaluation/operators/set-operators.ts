import type { SetOperator, VectorMatching } from '../../syntax/ast.js';
import { ColumnCollector, type Column } from '../series/column.js';
import { matchGroups, presentInAny } from './match-groups.js';

export interface SetOperation {
  readonly operator: SetOperator;
  readonly matching: VectorMatching;
  readonly left: readonly Column[];
  readonly right: readonly Column[];
  readonly steps: number;
}

export function combineSets({ operator, matching, left, right, steps }: SetOperation): Column[] {
  const masks = new Map<Column, Uint8Array>();
  for (const group of matchGroups(left, right, matching)) {
    const [masked, by] = operator === 'or' ? [group.right, group.left] : [group.left, group.right];
    const mask = presentInAny(by, steps);
    for (const column of masked) {
      masks.set(column, mask);
    }
  }
  const result = new ColumnCollector();
  for (const column of left) {
    result.add(operator === 'or' ? column : masked(column, masks.get(column)!, operator === 'and'));
  }
  if (operator === 'or') {
    for (const column of right) {
      result.add(masked(column, masks.get(column)!, false));
    }
  }
  return result.columns;
}

/** Returns the series with only the values of the steps at which the mask is set, or, if `keepsWhereSet` is false, is not set. */
function masked(column: Column, mask: Uint8Array, keepsWhereSet: boolean): Column {
  const kept = keepsWhereSet ? 1 : 0;
  return { ...column, present: column.present.map((isPresent, step) => (mask[step] === kept ? isPresent : 0)) };
}
