import type { Position } from '../../syntax/ast.js';
import { quoteString } from '../../syntax/lexer/quoted-string.js';
import { forMetric, type Annotations } from '../result/annotations.js';
import { bucketFraction, bucketQuantile, type Bucket } from './classic-histogram.js';
import { hasValues, type Column } from '../series/column.js';
import { messageText, parseGoFloat, sampleText } from '../result/go-number.js';
import { dropLabels, keyWithoutLabels, METRIC_NAME, withLabel } from '../series/labels.js';
import { isQuantile } from '../aggregation/quantile.js';
import type { QueryBudget } from '../query-budget.js';
import type { Labels } from '../series/series-source.js';
import { timeOfStep, type TimeSteps } from '../time-steps.js';

const BUCKET_LABEL = 'le';
const BUCKET_LABELS: ReadonlySet<string> = new Set([BUCKET_LABEL]);

export interface HistogramContext {
  readonly steps: TimeSteps;
  readonly annotations: Annotations;
  readonly budget: QueryBudget;
  /** The position of the histogram argument. */
  readonly position: Position;
}

export function histogramFraction(
  lower: Float64Array,
  upper: Float64Array,
  columns: readonly Column[],
  context: HistogramContext,
): Column[] {
  return ofHistograms(columns, context, (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets));
}

/** @param quantilePosition the position of the quantile in the query */
export function histogramQuantile(
  quantiles: Float64Array,
  quantilePosition: Position,
  columns: readonly Column[],
  context: HistogramContext,
): Column[] {
  for (const q of quantiles) {
    if (!isQuantile(q)) {
      context.annotations.warn(`quantile value should be between 0 and 1, got ${messageText(q)}`, quantilePosition);
    }
  }
  return ofHistograms(columns, context, (buckets, step, labels) => {
    const { value, lifted } = bucketQuantile(quantiles[step]!, buckets);
    if (lifted !== null) {
      const timeMs = timeOfStep(context.steps, step);
      context.annotations.informOfRepair(labels.get(METRIC_NAME) ?? '', context.position, {
        ...lifted,
        fromMs: timeMs,
        toMs: timeMs,
        count: 1,
      });
    }
    return value;
  });
}

/** Computes several quantiles at once, each with a label that identifies it. */
export function histogramQuantiles(
  label: string,
  quantiles: readonly { readonly values: Float64Array; readonly position: Position }[],
  columns: readonly Column[],
  context: HistogramContext,
): Column[] {
  const withQuantile = ({ labels, values, present }: Column, q: number): Column => ({
    labels: withLabel(labels, label, quantileText(q)),
    dropsName: true,
    values,
    present,
  });
  return quantiles.flatMap(({ values, position }) =>
    histogramQuantile(values, position, columns, context).map((column) => withQuantile(column, values[0]!)),
  );
}

/** Formats a quantile as OpenMetrics does: whole numbers end with `.0`. */
function quantileText(q: number): string {
  const text = sampleText(q);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

interface Histogram {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly buckets: { readonly upperBound: number; readonly column: Column }[];
}

function ofHistograms(
  columns: readonly Column[],
  context: HistogramContext,
  valueOf: (buckets: readonly Bucket[], step: number, labels: Labels) => number,
): Column[] {
  const { count } = context.steps;
  const result: Column[] = [];
  for (const { labels, buckets } of groupBuckets(columns, context)) {
    const values = new Float64Array(count);
    const present = new Uint8Array(count);
    for (let step = 0; step < count; step++) {
      context.budget.work(buckets.length);
      const there = buckets.filter(({ column }) => column.present[step] === 1);
      if (there.length > 0) {
        const counted = there.map(({ upperBound, column }) => ({ upperBound, count: column.values[step]! }));
        values[step] = valueOf(counted, step, labels);
        present[step] = 1;
      }
    }
    result.push({ labels, dropsName: true, values, present });
  }
  return result.filter(({ present }) => hasValues(present));
}

/** Groups buckets by histogram: two buckets belong together if all their labels except `le` are the same, including the name. */
function groupBuckets(columns: readonly Column[], { annotations, position }: HistogramContext): Iterable<Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const column of columns) {
    const bound = column.labels.get(BUCKET_LABEL) ?? '';
    const upperBound = parseGoFloat(bound);
    if (upperBound === null) {
      annotations.warn(
        `bucket label "${BUCKET_LABEL}" is missing or has a malformed value of ${quoteString(bound)}` +
          forMetric(column.labels.get(METRIC_NAME) ?? ''),
        position,
      );
      continue;
    }
    const key = keyWithoutLabels(column.labels, BUCKET_LABELS);
    let histogram = histograms.get(key);
    if (histogram === undefined) {
      histogram = { labels: dropLabels(column.labels, BUCKET_LABELS), dropsName: true, buckets: [] };
      histograms.set(key, histogram);
    }
    histogram.buckets.push({ upperBound, column });
  }
  return histograms.values();
}
