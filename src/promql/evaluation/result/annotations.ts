import type { Position } from '../../syntax/ast.js';
import { quoteString } from '../../syntax/lexer/quoted-string.js';
import { messageText } from './go-number.js';

/** Maximum number of annotations of each kind that are listed, as in Prometheus. Further ones are only counted. */
const LISTED_ANNOTATIONS = 10;

type Severity = 'warning' | 'info';

interface Annotation {
  readonly severity: Severity;
  readonly message: string;
  readonly position: Position;
  repair: BucketRepair | null;
}

/**
 * A summary of the repairs that made the buckets of classic histograms monotonic, over all samples that one annotation covers.
 */
export interface BucketRepair {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lowestBound: number;
  readonly highestBound: number;
  readonly largestDifference: number;
  readonly count: number;
}

/** Collects the warnings and infos for the answer of a query, each message only once. */
export class Annotations {
  private readonly annotations = new Map<string, Annotation>();

  warn(message: string, position: Position): void {
    this.add('warning', message, position, null);
  }

  inform(message: string, position: Position): void {
    this.add('info', message, position, null);
  }

  /** Records that `histogram_quantile` had to raise buckets that counted less than the buckets below them. */
  informOfRepair(metricName: string, position: Position, repair: BucketRepair): void {
    const message =
      'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';
    this.add('info', message + forMetric(metricName), position, repair);
  }

  private add(severity: Severity, message: string, position: Position, repair: BucketRepair | null): void {
    const known = this.annotations.get(message);
    if (known === undefined) {
      this.annotations.set(message, { severity, message, position, repair });
    } else if (known.repair !== null && repair !== null) {
      known.repair = mergeRepairs(known.repair, repair);
    }
  }

  /** @param query the text of the query; messages give positions in it */
  list(query: string): { warnings: string[]; infos: string[] } {
    return { warnings: this.listed('warning', query), infos: this.listed('info', query) };
  }

  private listed(severity: Severity, query: string): string[] {
    const all = [...this.annotations.values()].filter((annotation) => annotation.severity === severity);
    const texts = all.slice(0, LISTED_ANNOTATIONS).map((annotation) => textOf(annotation, query));
    if (all.length > texts.length) {
      texts.push(`${all.length - texts.length} more ${severity} annotations omitted`);
    }
    return texts;
  }
}

/** Returns the end of a message about one metric. The text is empty if the name is not known. */
export function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${quoteString(name)}`;
}

function textOf({ severity, message, position, repair }: Annotation, query: string): string {
  return `PromQL ${severity}: ${message}${repair === null ? '' : repairText(repair)} (${lineAndColumn(query, position.start)})`;
}

function repairText(repair: BucketRepair): string {
  const bounds = `${messageText(repair.lowestBound)} to ${messageText(repair.highestBound)}`;
  const difference = messageText(repair.largestDifference, 2);
  const time = `${secondText(repair.fromMs)} to ${secondText(repair.toMs)}`;
  return `, from buckets ${bounds}, with a max diff of ${difference}, over ${repair.count} samples from ${time}`;
}

function secondText(timestampMs: number): string {
  return new Date(Math.trunc(timestampMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function mergeRepairs(a: BucketRepair, b: BucketRepair): BucketRepair {
  return {
    fromMs: Math.min(a.fromMs, b.fromMs),
    toMs: Math.max(a.toMs, b.toMs),
    lowestBound: Math.min(a.lowestBound, b.lowestBound),
    highestBound: Math.max(a.highestBound, b.highestBound),
    largestDifference: Math.max(a.largestDifference, b.largestDifference),
    count: a.count + b.count,
  };
}

function lineAndColumn(query: string, offset: number): string {
  const before = query.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  // The column is counted in bytes, as in Prometheus.
  return `${before.split('\n').length}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}
