import type { ArithmeticOperator, BinaryOperator, ComparisonOperator } from '../../syntax/ast.js';
import { COMPARISON_OPERATORS } from '../../syntax/ast.js';

export type ElementOperator = Exclude<BinaryOperator, 'and' | 'or' | 'unless'>;

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return COMPARISON_OPERATORS.some((comparison) => comparison === operator);
}

export function arithmetic(operator: ArithmeticOperator): (left: number, right: number) => number {
  switch (operator) {
    case '+':
      return (left, right) => left + right;
    case '-':
      return (left, right) => left - right;
    case '*':
      return (left, right) => left * right;
    case '/':
      return (left, right) => left / right;
    case '%':
      return (left, right) => left % right;
    case '^':
      return power;
    case 'atan2':
      return Math.atan2;
  }
}

export function comparison(operator: ComparisonOperator): (left: number, right: number) => boolean {
  switch (operator) {
    case '==':
      return (left, right) => left === right;
    case '!=':
      return (left, right) => left !== right;
    case '<':
      return (left, right) => left < right;
    case '<=':
      return (left, right) => left <= right;
    case '>':
      return (left, right) => left > right;
    case '>=':
      return (left, right) => left >= right;
  }
}

/** IEEE 754's `pow`, where 1 stays 1 whatever the exponent; JavaScript answers NaN for some. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) {
    return 1;
  }
  return base ** exponent;
}

/** The larger of both; NaN is stronger than any number but infinity. */
export function largerOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** The smaller of both; NaN is stronger than any number but minus infinity. */
export function smallerOf(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}
