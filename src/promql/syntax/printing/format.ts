import type { Expression } from '../ast.js';
import { ExpressionPrinter, isInfiniteBase, printAggregator, printOperator, printSubquerySuffix } from './printer.js';

/** Maximum length of a line in bytes, as in Prometheus. Longer lines are broken. */
const MAX_LINE_BYTES = 100;

/** Formats an expression with line breaks and indentation, as `/api/v1/format_query` of Prometheus does. */
export function format(expression: Expression): string {
  return new ExpressionFormatter().format(expression, 0);
}

class ExpressionFormatter {
  private readonly printer = new ExpressionPrinter();

  /** @param level the indentation of the lines, in steps of two spaces */
  format(expression: Expression, level: number): string {
    const indent = '  '.repeat(level);
    const line = this.printer.print(expression);
    // The length in characters is checked first, because V8 would copy a long line at every level to count its bytes.
    const isShort = line.length <= MAX_LINE_BYTES && Buffer.byteLength(line) <= MAX_LINE_BYTES;
    switch (expression.kind) {
      case 'unary':
        return indent + expression.operator + this.format(expression.expression, level).trim();
      case 'subquery':
        // A short subquery is not indented. Prometheus does not indent it either, and tools compare the texts.
        return isShort ? line : this.format(expression.expression, level) + printSubquerySuffix(expression);
      case 'binary': {
        if (isShort) return indent + line;
        const left = isInfiniteBase(expression) ? `${indent}  Inf` : this.format(expression.left, level + 1);
        return `${left}\n${indent}${printOperator(expression)}\n${this.format(expression.right, level + 1)}`;
      }
      case 'aggregate': {
        if (isShort) return indent + line;
        const { parameter } = expression;
        const parts = parameter === null ? [expression.expression] : [parameter, expression.expression];
        return this.inParentheses(indent + printAggregator(expression), parts, level);
      }
      case 'call':
        return isShort ? indent + line : this.inParentheses(indent + expression.name, expression.arguments, level);
      case 'parenthesis':
        return isShort ? indent + line : this.inParentheses(indent, [expression.expression], level);
      case 'number':
      case 'string':
      case 'selector':
      case 'range':
        return indent + line;
    }
  }

  private inParentheses(opening: string, parts: readonly Expression[], level: number): string {
    const lines = parts.map((part) => this.format(part, level + 1)).join(',\n');
    return `${opening}(\n${lines}\n${'  '.repeat(level)})`;
  }
}
