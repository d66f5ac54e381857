import {
  CASES,
  type Case,
  type Expected,
  type ExpectedMessage,
  type Load,
  readCaseGroups,
  type SampleText,
} from '../../test/support/conformance-cases.js';
import { MemorySource } from '../../test/support/promql-query.js';
import { evaluate, type QueryAnswer, type ResultSeries } from './evaluation/evaluate.js';
import { compareLabels } from './evaluation/series/labels.js';
import { planQuery, type PlanOptions } from './evaluation/series/plan.js';
import type { Labels, SelectedSeries } from './evaluation/series/series-source.js';
import { withoutParentheses } from './evaluation/step-invariance.js';
import type { Expression } from './syntax/ast.js';
import { typeOf } from './syntax/parser/checks.js';
import { parse } from './syntax/parser/parser.js';

interface Timing {
  readonly kind: 'instant' | 'range';
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly delaysNameRemoval: boolean;
}

const groups = readCaseGroups();

/** Matches the sorting functions, which have no effect on a range query and give a warning. */
const ORDERING = /\bsort(?:_desc|_by_label|_by_label_desc)?\b/;

/** Matches the functions that depend on the time of evaluation even if all selectors are pinned. */
const TIME_FUNCTIONS =
  /\b(?:time|timestamp|predict_linear|day_of_month|day_of_week|day_of_year|days_in_month|hour|minute|month|year|start|end)\b/;

describe('cases of Prometheus, in the raw view', () => {
  if (groups.length === 0) {
    it.todo(`run where ${CASES} exists: it does not exist here`);
    return;
  }
  for (const { file, group, loads, evals } of groups) {
    for (const given of evals) {
      const series = seriesOf(loads.slice(0, given.loads));
      const title = `${file}:${given.line} (group ${group}) ${given.expr}`;

      it(title, () => {
        checkAnswer(given.expected, () => run(parseCase(given.expr), given.expr, timingOf(given), series));
      });

      if (given.kind === 'instant' && given.expected.type === 'vector') {
        it(`${title}, as the middle step of a range`, () => {
          checkMiddleStep(given, series);
        });
      }
      if (given.kind === 'instant' && isPinnable(given)) {
        it(`${title}, pinned by @ and evaluated at other times`, () => {
          checkPinned(given, series);
        });
      }
    }
  }
});

function parseCase(expr: string): Expression {
  return parse(expr, { hasExperimentalFunctions: true });
}

function timingOf({ kind, at = 0, start = 0, end = 0, step = 0, nameMode }: Case): Timing {
  const delaysNameRemoval = nameMode === 'delayed';
  return kind === 'instant'
    ? { kind, startMs: at, endMs: at, stepMs: 0, delaysNameRemoval }
    : { kind, startMs: start, endMs: end, stepMs: step, delaysNameRemoval };
}

function run(expression: Expression, query: string, timing: Timing, series: readonly SelectedSeries[]): QueryAnswer {
  const options: PlanOptions = {
    ...timing,
    query,
    lookbackMs: 300_000,
    defaultView: 'raw',
    heldGridMs: 15_000,
    nowMs: Infinity,
    summedSpanMs: Infinity,
    defaultSubqueryStepMs: 60_000,
    maxPointsPerSeries: 11_000,
  };
  const plan = structuredClone(planQuery(expression, options));
  return evaluate(plan, new MemorySource(plan.requests, series), { maxSamples: 50_000_000, maxSeries: 100_000 });
}

function seriesOf(loads: readonly Load[]): SelectedSeries[] {
  const byLabels = new Map<string, { labels: Labels; samples: Map<number, SampleText> }>();
  for (const { step, series } of loads) {
    for (const { labels, values } of series) {
      const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
      const known = byLabels.get(key) ?? { labels: labelsOf(labels), samples: new Map<number, SampleText>() };
      byLabels.set(key, known);
      for (const [index, value] of values.entries()) {
        if (value !== null) {
          known.samples.set(index * step, value);
        }
      }
    }
  }
  return [...byLabels.values()].map(({ labels, samples }) => {
    const sorted = [...samples].toSorted(([a], [b]) => a - b);
    return {
      labels,
      timestamps: Float64Array.from(sorted, ([time]) => time),
      values: Float64Array.from(sorted, ([, value]) => numberOf(value)),
      stale: Uint8Array.from(sorted, ([, value]) => Number(value === 'stale')),
      held: null,
    };
  });
}

function labelsOf(labels: Record<string, string>): Labels {
  return new Map(Object.entries(labels).filter(([, value]) => value !== ''));
}

function numberOf(value: SampleText): number {
  return value === '+Inf' || value === '-Inf' ? Number(`${value}inity`) : Number(value === 'stale' ? 'NaN' : value);
}

function checkAnswer(expected: Expected, runCase: () => QueryAnswer): void {
  if (expected.type === 'error') {
    let message: string | null = null;
    try {
      runCase();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBeNull();
    checkMessages(expected.fail, [message!]);
    return;
  }
  const answer = runCase();
  checkAnnotations(expected, answer);
  if (answer.resultType === 'scalar') {
    expect(expected.type).toBe('scalar');
    expect(isAlmostEqual(answer.result.value, numberOf(expected.scalar!))).toBe(true);
  } else if (answer.resultType === 'string') {
    expect(answer.result.value).toBe(expected.string);
  } else {
    checkSeries(expected, answer.result);
  }
}

function checkAnnotations(expected: Expected, { warnings, infos }: QueryAnswer): void {
  checkMessages(expected.warn, warnings);
  checkMessages(expected.info, infos);
  if (expected.no_warn === true) {
    expect(warnings).toEqual([]);
  }
  if (expected.no_info === true) {
    expect(infos).toEqual([]);
  }
}

function checkMessages(expected: readonly ExpectedMessage[] | undefined, actual: readonly string[]): void {
  if (expected === undefined || expected.length === 0) {
    return;
  }
  expect(actual.length).toBeGreaterThan(0);
  for (const { msg, regex } of expected) {
    if (msg !== undefined) {
      expect(actual).toContain(msg);
    }
    if (regex !== undefined) {
      expect(actual.some((text) => new RegExp(regex).test(text))).toBe(true);
    }
  }
}

function checkSeries({ series = [], ordered, type }: Expected, result: readonly ResultSeries[]): void {
  const wanted = series.map(({ labels, values }) => ({
    labels: labelsOf(labels),
    values: values.filter((v) => v !== null),
  }));
  const isOrdered = type === 'vector' && ordered === true;
  const sortedWanted = isOrdered ? wanted : wanted.toSorted((a, b) => compareLabels(a.labels, b.labels));
  const sorted = isOrdered ? result : result.toSorted((a, b) => compareLabels(a.labels, b.labels));
  expect(sorted.map(({ labels }) => Object.fromEntries(labels))).toEqual(
    sortedWanted.map(({ labels }) => Object.fromEntries(labels)),
  );
  for (const [place, { values }] of sorted.entries()) {
    const want = sortedWanted[place]!.values.map(numberOf);
    if (values.length !== want.length || !want.every((value, index) => isAlmostEqual(values[index]!, value))) {
      expect([...values]).toEqual(want);
    }
  }
}

/** Compares numbers as Prometheus' own tests do. */
function isAlmostEqual(a: number, b: number): boolean {
  const smallestNormal = 2.2250738585072014e-308;
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) {
    return true;
  }
  const difference = Math.abs(a - b);
  const size = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || size < smallestNormal) {
    return difference < 1e-6 * smallestNormal;
  }
  return difference / Math.min(size, Number.MAX_VALUE) < 1e-6;
}

function checkMiddleStep(given: Case, series: readonly SelectedSeries[]): void {
  const { expr, at = 0, expected } = given;
  const expression = parseCase(expr);
  if (typeOf(expression) === 'matrix') {
    return;
  }
  const timing: Timing = {
    ...timingOf(given),
    kind: 'range',
    startMs: at - 60_000,
    endMs: at + 60_000,
    stepMs: 60_000,
  };
  const answer = run(expression, expr, timing, series);
  if (answer.resultType !== 'matrix') {
    throw new Error(`a range query returned a ${answer.resultType}`);
  }
  const middle = answer.result
    .map(({ labels, timestamps, values }) => {
      const index = timestamps.indexOf(at);
      return index < 0
        ? null
        : { labels, timestamps: timestamps.slice(index, index + 1), values: values.slice(index, index + 1) };
    })
    .filter((found) => found !== null);
  checkSeries({ ...expected, ordered: false }, middle);
  if (!ORDERING.test(expr)) {
    checkMessages(expected.warn, answer.warnings);
  }
}

function isPinnable({ expr, expected }: Case): boolean {
  return expected.type === 'vector' && !TIME_FUNCTIONS.test(expr);
}

function checkPinned(given: Case, series: readonly SelectedSeries[]): void {
  const { expr, at = 0, expected } = given;
  const pinned = pin(parseCase(expr), at);
  for (const timeMs of [at - 600_000, at + 1, at + 600_000, at + 86_400_000]) {
    const timing: Timing = { ...timingOf(given), startMs: timeMs, endMs: timeMs };
    checkAnswer(expected, () => run(pinned, expr, timing, series));
  }
}

/**
 * Pins the selectors that depend on the time of evaluation. Those inside a subquery need no pin of their own, because the pin of
 * the subquery covers them.
 */
function pin(expression: Expression, timestampMs: number): Expression {
  const inner = (expression: Expression) => pin(expression, timestampMs);
  switch (expression.kind) {
    case 'parenthesis':
    case 'unary':
      return { ...expression, expression: inner(expression.expression) };
    case 'binary':
      return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case 'aggregate': {
      const parameter = expression.parameter === null ? null : inner(expression.parameter);
      return { ...expression, expression: inner(expression.expression), parameter };
    }
    case 'call': {
      const [first, ...others] = expression.arguments.map(inner);
      // The second argument of info() is a selector that is not evaluated.
      const isInfo =
        expression.name === 'info' && others.length > 0 && withoutParentheses(others[0]!).kind === 'selector';
      return {
        ...expression,
        arguments: isInfo ? [first!, expression.arguments[1]!] : first === undefined ? [] : [first, ...others],
      };
    }
    case 'selector':
      return { ...expression, at: expression.at ?? { timestampMs } };
    case 'range': {
      const selector = { ...expression.selector, at: expression.selector.at ?? { timestampMs } };
      return { ...expression, selector };
    }
    case 'subquery':
      return { ...expression, at: expression.at ?? { timestampMs } };
    case 'number':
    case 'string':
      return expression;
  }
}
