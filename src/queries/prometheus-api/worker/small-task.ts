import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { Expression, LabelMatcher } from '../../../promql/syntax/ast.js';
import { WorkerQuery } from './parts/answer-parts.js';
import type { EvaluationTask, QueryTask } from './evaluation-task.js';
import type { TaskInput } from './evaluation-pool.js';
import { byLabels, type PortableSeries } from './portable-series.js';
import { sharedClockMs } from './shared-clock.js';
import { selectedSeriesOf } from './view-columns.js';

/** Maximum size of a small query. Evaluating one takes a few milliseconds even before V8 has compiled the code. */
const MAX_NODES_AND_TEXTS = 50;
/** Number of characters of a text that count like one node. */
const USUAL_TEXT_LENGTH = 200;
const MAX_SERIES = 200;
const MAX_SAMPLES = 5_000;
/** Maximum length of the labels of all selected series together. */
const MAX_LABELS_TEXT = 262_144;
/** Maximum number of points of the result of each node: its series times its steps. */
const MAX_POINTS = 5_000;
/** Maximum number of samples that the evaluation may read and create. */
const MAX_EVALUATED_SAMPLES = 50_000;
/** The time after which an evaluation is abandoned and left to a worker. The time is lost, but the event loop is free again. */
const MAX_MS = 20;

/** Functions that work on texts of any length, or whose series are not among the input. */
const NOT_SMALL: ReadonlySet<string> = new Set(['label_replace', 'label_join', 'info']);

/**
 * Answers a small query in the thread of the caller, because exchanging messages with a worker takes longer than the evaluation.
 *
 * @returns the parts of the answer; undefined if the task belongs in a worker, because it is not small or because its evaluation
 *   failed, which a worker reports
 */
export function answerSmall(task: EvaluationTask, input: TaskInput): Uint8Array<ArrayBuffer>[] | undefined {
  if (task.kind !== 'query' || !('given' in input)) return undefined;
  const steps = mostSteps(task.plan);
  if (steps === undefined) return undefined;
  const given: PortableSeries[][] = task.selections.map(() => []);
  const size = { series: 0, samples: 0, labelsText: 0 };
  for (const { selector, series } of input.given) {
    for (const each of series) {
      size.series++;
      size.samples += each.values.length;
      size.labelsText += each.labelsText.length;
      if (size.series > MAX_SERIES || size.samples > MAX_SAMPLES || size.labelsText > MAX_LABELS_TEXT) return undefined;
      given[selector]!.push(each);
    }
  }
  if (Math.max(1, size.series) * steps > MAX_POINTS) return undefined;
  try {
    return [...smallQuery(task).parts(given.map((series, selector) => selectedSeries(series, task, selector)))];
  } catch {
    return undefined;
  }
}

function smallQuery(task: QueryTask): WorkerQuery {
  const maxSamples = Math.min(task.maxSamples, MAX_EVALUATED_SAMPLES);
  return new WorkerQuery({ ...task, maxSamples, deadline: Math.min(task.deadline, sharedClockMs() + MAX_MS) });
}

function selectedSeries(series: readonly PortableSeries[], task: QueryTask, selector: number) {
  return series.toSorted(byLabels).map((each) => selectedSeriesOf(each, task.selections[selector]!, task.rules));
}

/**
 * Returns the largest number of steps of a node of an expression, or undefined if the expression has many nodes, or one whose cost is
 * not limited by the samples and the steps. Names of labels and other texts count like nodes, because an evaluation can go through
 * all of them for each series.
 */
function mostSteps({ expression, steps, defaultSubqueryStepMs }: QueryPlan): number | undefined {
  let left = MAX_NODES_AND_TEXTS;
  let most = steps.count;
  let hasSubquery = false;
  const waiting = [expression];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    left -= 1 + costOfTexts(node);
    if (left < 0) return undefined;
    switch (node.kind) {
      case 'parenthesis':
      case 'unary':
        waiting.push(node.expression);
        break;
      case 'binary':
        waiting.push(node.left, node.right);
        break;
      case 'aggregate':
        waiting.push(node.expression);
        if (node.parameter !== null) waiting.push(node.parameter);
        break;
      case 'call':
        if (NOT_SMALL.has(node.name)) return undefined;
        waiting.push(...node.arguments);
        break;
      case 'subquery': {
        // In a subquery of another one, the numbers of steps would be multiplied.
        if (hasSubquery) return undefined;
        hasSubquery = true;
        const spanMs = node.rangeMs + (steps.count - 1) * steps.stepMs;
        most = Math.max(most, Math.floor(spanMs / (node.stepMs ?? defaultSubqueryStepMs)) + 1);
        waiting.push(node.expression);
        break;
      }
      case 'number':
      case 'string':
      case 'selector':
      case 'range':
    }
  }
  return most;
}

/** Returns the cost of the texts that a node itself contains. Each can be repeated for every series of the result. */
function costOfTexts(node: Expression): number {
  if (node.kind === 'string') return costOf([node.value]);
  if (node.kind === 'selector') return costOfMatchers(node.matchers);
  if (node.kind === 'range') return costOfMatchers(node.selector.matchers);
  if (node.kind === 'aggregate') return costOf(node.grouping);
  if (node.kind !== 'binary' || node.matching === null) return 0;
  return costOf(node.matching.labels) + costOf(node.matching.include);
}

function costOfMatchers(matchers: readonly LabelMatcher[]): number {
  return costOf(matchers.map(({ label, value }) => label + value));
}

function costOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.ceil(text.length / USUAL_TEXT_LENGTH), 0);
}
