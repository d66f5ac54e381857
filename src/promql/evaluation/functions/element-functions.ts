import { largerOf, smallerOf } from '../operators/arithmetic.js';
import { computedColumn, type Column } from '../series/column.js';

/** Functions of one number, applied to each sample of an instant vector. */
const ELEMENT_FUNCTIONS: ReadonlyMap<string, (value: number) => number> = new Map<string, (value: number) => number>([
  ['abs', Math.abs],
  ['ceil', Math.ceil],
  ['floor', Math.floor],
  ['exp', Math.exp],
  ['sqrt', Math.sqrt],
  ['ln', Math.log],
  ['log2', Math.log2],
  ['log10', Math.log10],
  ['sgn', Math.sign],
  ['sin', Math.sin],
  ['cos', Math.cos],
  ['tan', Math.tan],
  ['asin', Math.asin],
  ['acos', Math.acos],
  ['atan', Math.atan],
  ['sinh', Math.sinh],
  ['cosh', Math.cosh],
  ['tanh', Math.tanh],
  ['asinh', Math.asinh],
  ['acosh', Math.acosh],
  ['atanh', Math.atanh],
  ['rad', (value) => (value * Math.PI) / 180],
  ['deg', (value) => (value * 180) / Math.PI],
]);

/** A function of a sample and further numbers, which can differ from step to step. */
type SteppedFunction = (value: number, parameters: readonly number[]) => number;

const STEPPED_FUNCTIONS: ReadonlyMap<string, SteppedFunction> = new Map<string, SteppedFunction>([
  ['clamp', (value, [lowest, highest]) => largerOf(lowest!, smallerOf(highest!, value))],
  ['clamp_min', (value, [lowest]) => largerOf(lowest!, value)],
  ['clamp_max', (value, [highest]) => smallerOf(highest!, value)],
  ['round', (value, [toNearest = 1]) => roundTo(value, toNearest)],
]);

export function isElementFunction(name: string): boolean {
  return ELEMENT_FUNCTIONS.has(name) || STEPPED_FUNCTIONS.has(name);
}

export function applyElementFunction(
  name: string,
  columns: readonly Column[],
  parameters: readonly Float64Array[],
): Column[] {
  const plain = ELEMENT_FUNCTIONS.get(name);
  if (plain !== undefined) {
    return columns.map((column) => computedColumn(column, column.values.map(plain)));
  }
  const stepped = STEPPED_FUNCTIONS.get(name)!;
  return columns.map((column) => ({
    ...column,
    dropsName: true,
    values: column.values.map((value, step) =>
      stepped(
        value,
        parameters.map((parameter) => parameter[step]!),
      ),
    ),
    present: name === 'clamp' ? whereOrdered(column.present, parameters) : column.present,
  }));
}

/** Removes the values at steps at which the lower bound is above the upper one. */
function whereOrdered(present: Uint8Array, [lowest, highest]: readonly Float64Array[]): Uint8Array {
  return present.map((isPresent, step) => (highest![step]! < lowest![step]! ? 0 : isPresent));
}

/**
 * Rounds to a multiple, with halves rounded up. Multiplying by the inverse is exact for the usual 0.1 and 0.01, and dividing by
 * them is not.
 */
function roundTo(value: number, toNearest: number): number {
  const inverse = 1 / toNearest;
  return Math.floor(value * inverse + 0.5) / inverse;
}
