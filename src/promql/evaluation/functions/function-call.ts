import type { Expression, FunctionCall } from '../../syntax/ast.js';
import { absentSeries } from './absent-functions.js';
import { largerOf, smallerOf } from '../operators/arithmetic.js';
import { computedColumn, type Column } from '../series/column.js';
import { DATE_FUNCTIONS } from './date-functions.js';
import { applyElementFunction, isElementFunction } from './element-functions.js';
import { PromqlExecutionError } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { histogramFraction, histogramQuantile, histogramQuantiles } from './histogram-functions.js';
import { addInfoLabels } from '../info/info-function.js';
import { joinLabels, replaceLabel } from './label-functions.js';
import { NO_LABELS } from '../series/labels.js';
import { evaluateRangeCall } from '../range-functions/range-call.js';
import { RANGE_FUNCTIONS } from '../range-functions/range-functions.js';
import { selectInstant } from '../series/selectors.js';
import { sortByLabels, sortByValue } from './sort-functions.js';
import { withoutParentheses } from '../step-invariance.js';
import { timeOfStep, type TimeSteps } from '../time-steps.js';

/** Functions of native histograms and of start timestamps. Our series have neither, so these functions return nothing. */
const FUNCTIONS_WITHOUT_RESULT: ReadonlySet<string> = new Set([
  'histogram_avg',
  'histogram_count',
  'histogram_sum',
  'histogram_stddev',
  'histogram_stdvar',
  'start_timestamp',
]);

/** Evaluates a call that returns an instant vector. */
export function evaluateVectorCall(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): readonly Column[] {
  if (RANGE_FUNCTIONS.has(call.name)) {
    return evaluateRangeCall(evaluation, call, steps);
  }
  const columns = evaluateInstantCall(evaluation, call, steps);
  evaluation.budget.take(columns.length * steps.count);
  return columns;
}

function evaluateInstantCall(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): readonly Column[] {
  const { name } = call;
  const given = call.arguments;
  if (isElementFunction(name)) {
    const parameters = given.slice(1).map((argument) => evaluation.scalar(argument, steps));
    return applyElementFunction(name, evaluation.vector(given[0]!, steps), parameters);
  }
  if (DATE_FUNCTIONS.has(name)) {
    return readDates(evaluation, call, steps);
  }
  if (FUNCTIONS_WITHOUT_RESULT.has(name)) {
    return [];
  }
  switch (name) {
    case 'vector':
      return [constant(evaluation.scalar(given[0]!, steps))];
    case 'absent':
      return absentSeries(evaluation.vector(given[0]!, steps), given[0]!, steps.count);
    case 'timestamp':
      return timestamps(evaluation, given[0]!, steps);
    case 'label_replace':
      return replaceLabel(evaluation.vector(given[0]!, steps), textsOf(given.slice(1)));
    case 'label_join':
      return joinLabels(evaluation.vector(given[0]!, steps), textsOf(given.slice(1)));
    case 'info':
      return addInfoLabels(evaluation, call, steps);
    case 'sort':
    case 'sort_desc':
    case 'sort_by_label':
    case 'sort_by_label_desc':
      return sort(evaluation, call, steps);
    case 'histogram_quantile':
    case 'histogram_quantiles':
    case 'histogram_fraction':
      return ofHistogram(evaluation, call, steps);
    default:
      throw new PromqlExecutionError(`unknown function with name "${name}"`);
  }
}

/** Evaluates a call that returns a number. */
export function evaluateScalarCall(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): Float64Array {
  const { plan } = evaluation;
  const numbers = () => call.arguments.map((argument) => evaluation.scalar(argument, steps));
  const queryStepMs = plan.kind === 'range' && plan.steps.startMs !== plan.endMs ? plan.steps.stepMs : 0;
  switch (call.name) {
    case 'time':
      return timesInSeconds(steps);
    case 'pi':
      return new Float64Array(steps.count).fill(Math.PI);
    case 'scalar':
      return onlyValue(evaluation.vector(call.arguments[0]!, steps), steps.count);
    case 'max_of':
      return combine(numbers(), largerOf);
    case 'min_of':
      return combine(numbers(), smallerOf);
    case 'start':
      return new Float64Array(steps.count).fill(plan.steps.startMs / 1000);
    case 'end':
      return new Float64Array(steps.count).fill(plan.endMs / 1000);
    case 'range':
      return new Float64Array(steps.count).fill((plan.endMs - plan.steps.startMs) / 1000);
    case 'step':
      return new Float64Array(steps.count).fill(queryStepMs / 1000);
    default:
      throw new PromqlExecutionError(`unknown function with name "${call.name}"`);
  }
}

function combine(numbers: readonly Float64Array[], choose: (a: number, b: number) => number): Float64Array {
  const [left, right] = numbers;
  return left!.map((value, step) => choose(value, right![step]!));
}

/** Returns the value of a single series. The result is NaN at a step at which no series, or more than one, has a value. */
function onlyValue(columns: readonly Column[], steps: number): Float64Array {
  const values = new Float64Array(steps).fill(NaN);
  const counts = new Int32Array(steps);
  for (const column of columns) {
    for (let step = 0; step < steps; step++) {
      if (column.present[step] === 1) {
        values[step] = counts[step]!++ === 0 ? column.values[step]! : NaN;
      }
    }
  }
  return values;
}

function timesInSeconds(steps: TimeSteps): Float64Array {
  return Float64Array.from({ length: steps.count }, (_, step) => timeOfStep(steps, step) / 1000);
}

function constant(values: Float64Array): Column {
  return { labels: NO_LABELS, dropsName: false, values, present: new Uint8Array(values.length).fill(1) };
}

function textsOf(expressions: readonly Expression[]): string[] {
  return expressions.map((expression) => {
    const inner = withoutParentheses(expression);
    return inner.kind === 'string' ? inner.value : '';
  });
}

function readDates(evaluation: Evaluation, { name, arguments: given }: FunctionCall, steps: TimeSteps): Column[] {
  const read = DATE_FUNCTIONS.get(name)!;
  const [argument] = given;
  if (argument === undefined) {
    return [constant(timesInSeconds(steps).map(read))];
  }
  return evaluation.vector(argument, steps).map((column) => computedColumn(column, column.values.map(read)));
}

/** Returns the time of each sample; the time of a computed value is that of the evaluation. */
function timestamps(evaluation: Evaluation, argument: Expression, steps: TimeSteps): Column[] {
  const inner = withoutParentheses(argument);
  if (inner.kind === 'selector') {
    return selectInstant(evaluation, inner, steps, true);
  }
  const values = timesInSeconds(steps);
  return evaluation.vector(inner, steps).map((column) => computedColumn(column, values));
}

function sort(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): readonly Column[] {
  const columns = evaluation.vector(call.arguments[0]!, steps);
  if (steps.count > 1) {
    evaluation.annotations.warn(
      'sort is ineffective for range queries since results are always ordered by labels',
      call.position,
    );
    return columns;
  }
  const isDescending = call.name.endsWith('_desc');
  return call.name.startsWith('sort_by_label')
    ? sortByLabels(columns, textsOf(call.arguments.slice(1)), isDescending)
    : sortByValue(columns, isDescending);
}

function ofHistogram(evaluation: Evaluation, { name, arguments: given }: FunctionCall, steps: TimeSteps): Column[] {
  const { annotations, budget } = evaluation;
  const contextOf = (place: number) => ({ steps, annotations, budget, position: given[place]!.position });
  const scalar = (place: number) => evaluation.scalar(given[place]!, steps);
  const vector = (place: number) => evaluation.vector(given[place]!, steps);
  if (name === 'histogram_quantile') {
    return histogramQuantile(scalar(0), given[0]!.position, vector(1), contextOf(1));
  }
  if (name === 'histogram_fraction') {
    return histogramFraction(scalar(0), scalar(1), vector(2), contextOf(2));
  }
  const quantiles = given
    .slice(2)
    .map((argument, place) => ({ values: scalar(place + 2), position: argument.position }));
  return histogramQuantiles(textsOf([given[1]!])[0]!, quantiles, vector(0), contextOf(0));
}
