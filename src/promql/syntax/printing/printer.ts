import type {
  AggregateExpression,
  AtModifier,
  BinaryExpression,
  Expression,
  LabelMatcher,
  SubqueryExpression,
  VectorSelector,
} from '../ast.js';
import { formatDuration } from '../lexer/duration.js';
import { formatNumber } from '../lexer/number-literal.js';
import { quoteString } from '../lexer/quoted-string.js';

/** Returns the canonical text of an expression, on one line, as Prometheus writes it; `parse` can read it again. */
export function print(expression: Expression): string {
  return new ExpressionPrinter().print(expression);
}

/**
 * Prints expressions and caches the text of every part. The formatter needs the text of the parts at every level, and would
 * otherwise print a deep tree hundreds of times.
 */
export class ExpressionPrinter {
  private readonly texts = new WeakMap<Expression, string>();

  print(expression: Expression): string {
    const known = this.texts.get(expression);
    if (known !== undefined) return known;
    const text = this.write(expression);
    this.texts.set(expression, text);
    return text;
  }

  private write(expression: Expression): string {
    switch (expression.kind) {
      case 'number':
        return expression.isDuration
          ? formatDuration(Math.round(expression.value * 1000))
          : formatNumber(expression.value);
      case 'string':
        return quoteString(expression.value);
      case 'parenthesis':
        return `(${this.print(expression.expression)})`;
      case 'unary':
        return expression.operator + this.print(expression.expression);
      case 'binary': {
        const left = isInfiniteBase(expression) ? 'Inf' : this.print(expression.left);
        return `${left} ${printOperator(expression)} ${this.print(expression.right)}`;
      }
      case 'aggregate': {
        const { parameter } = expression;
        const first = parameter === null ? '' : `${this.print(parameter)}, `;
        return `${printAggregator(expression)}(${first}${this.print(expression.expression)})`;
      }
      case 'call':
        return `${expression.name}(${expression.arguments.map((argument) => this.print(argument)).join(', ')})`;
      case 'selector':
        return printSeries(expression) + printShift(expression);
      case 'range': {
        const { selector, rangeMs } = expression;
        return `${printSeries(selector)}[${formatDuration(rangeMs)}]${printShift(selector)}`;
      }
      case 'subquery':
        return this.print(expression.expression) + printSubquerySuffix(expression);
    }
  }
}

/**
 * Returns whether the base of a power is the number that is printed as `+Inf` elsewhere. Here it is printed as `Inf`, because the
 * parser would take the plus for an operator before the whole power.
 */
export function isInfiniteBase({ operator, left }: BinaryExpression): boolean {
  return operator === '^' && left.kind === 'number' && left.value === Infinity;
}

/** Prints an aggregation up to its arguments: `sum by (job) `. */
export function printAggregator({ aggregator, isWithout, grouping }: AggregateExpression): string {
  if (isWithout) return `${aggregator} without (${printLabels(grouping)}) `;
  return grouping.length > 0 ? `${aggregator} by (${printLabels(grouping)}) ` : aggregator;
}

/** Prints an operator with its modifiers: `== bool on (job) group_left ()`. */
export function printOperator({ operator, returnsBool, matching }: BinaryExpression): string {
  let text = returnsBool ? `${operator} bool` : operator;
  if (matching === null) return text;
  const { cardinality, isOn, labels, include } = matching;
  const hasGroup = cardinality === 'many-to-one' || cardinality === 'one-to-many';
  if (labels.length > 0 || isOn || hasGroup) text += ` ${isOn ? 'on' : 'ignoring'} (${printLabels(labels)})`;
  if (hasGroup) text += ` group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${printLabels(include)})`;
  return text;
}

/** Prints the part after the expression of a subquery: `[1h:5m] @ end() offset 1d`. */
export function printSubquerySuffix(subquery: SubqueryExpression): string {
  const step = subquery.stepMs === null ? '' : formatDuration(subquery.stepMs);
  return `[${formatDuration(subquery.rangeMs)}:${step}]${printShift(subquery)}`;
}

function printSeries({ name, matchers }: VectorSelector): string {
  const written = matchers
    .filter(({ label, operator, value }) => label !== '__name__' || operator !== '=' || value !== name)
    .map(printMatcher)

    .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return (name ?? '') + (written.length > 0 || name === null ? `{${written.join(',')}}` : '');
}

/** Prints a matcher as it appears between braces: `job="api"`. */
export function printMatcher({ label, operator, value }: LabelMatcher): string {
  return printLabel(label) + operator + quoteString(value);
}

function printLabels(labels: readonly string[]): string {
  return labels.map(printLabel).join(', ');
}

/** Prints a label name, in quotes unless it consists of ASCII letters, digits and `_` and does not start with a digit. */
function printLabel(label: string): string {
  return /^[A-Za-z_]\w*$/.test(label) ? label : quoteString(label);
}

function printShift({ at, offsetMs }: { readonly at: AtModifier | null; readonly offsetMs: number }): string {
  const offset = offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`;
  return printAt(at) + offset;
}

function printAt(at: AtModifier | null): string {
  if (at === null) return '';
  return typeof at === 'string' ? ` @ ${at}()` : ` @ ${(at.timestampMs / 1000).toFixed(3)}`;
}
