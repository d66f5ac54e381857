import { arithmetic, comparison, isComparison, type ElementOperator } from './arithmetic.js';
import type { Column } from '../series/column.js';
import { hasValues } from '../series/column.js';

/** Combines two numbers at each step; a comparison gives 0 or 1. */
export function combineScalars(operator: ElementOperator, left: Float64Array, right: Float64Array): Float64Array {
  const result = new Float64Array(left.length);
  if (isComparison(operator)) {
    const holds = comparison(operator);
    for (let step = 0; step < result.length; step++) {
      result[step] = holds(left[step]!, right[step]!) ? 1 : 0;
    }
    return result;
  }
  const apply = arithmetic(operator);
  for (let step = 0; step < result.length; step++) {
    result[step] = apply(left[step]!, right[step]!);
  }
  return result;
}

export interface VectorWithScalar {
  readonly operator: ElementOperator;
  readonly returnsBool: boolean;
  readonly vector: readonly Column[];
  readonly scalar: Float64Array;
  /** True if the number is on the left, as in `2 > x`. */
  readonly isScalarLeft: boolean;
}

/**
 * Combines each series with a number. A comparison without `bool` keeps the value of a series at each step at which the
 * comparison is true.
 */
export function combineWithScalar(operation: VectorWithScalar): Column[] {
  const { operator, returnsBool, vector, scalar, isScalarLeft } = operation;
  if (!isComparison(operator)) {
    const apply = arithmetic(operator);
    const applied = isScalarLeft ? (value: number, number: number) => apply(number, value) : apply;
    return vector.map((column) => mapValues(column, scalar, applied));
  }
  const compare = comparison(operator);
  const holds = isScalarLeft ? (value: number, number: number) => compare(number, value) : compare;
  if (returnsBool) {
    return vector.map((column) => mapValues(column, scalar, (value, number) => (holds(value, number) ? 1 : 0)));
  }
  return vector.map((column) => filterValues(column, scalar, holds)).filter(({ present }) => hasValues(present));
}

function mapValues(column: Column, scalar: Float64Array, apply: (value: number, number: number) => number): Column {
  const values = new Float64Array(scalar.length);
  for (let step = 0; step < values.length; step++) {
    if (column.present[step] === 1) {
      values[step] = apply(column.values[step]!, scalar[step]!);
    }
  }
  return { ...column, dropsName: true, values };
}

function filterValues(column: Column, scalar: Float64Array, holds: (value: number, number: number) => boolean): Column {
  const present = column.present.slice();
  for (let step = 0; step < present.length; step++) {
    if (present[step] === 1 && !holds(column.values[step]!, scalar[step]!)) {
      present[step] = 0;
    }
  }
  return { ...column, present };
}
