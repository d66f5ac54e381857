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

/**
 * Computes the power as IEEE 754 defines it: 1 to any power is 1, and so is -1 to an infinite power. JavaScript returns NaN for
 * some exponents.
 */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) {
    return 1;
  }
  return base ** exponent;
}

/** Returns the larger number. NaN takes precedence over any number except infinity. */
export function largerOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** Returns the smaller number. NaN takes precedence over any number except minus infinity. */
export function smallerOf(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}
