/** The answer to a query from a server with Prometheus' API. */
export interface QueryAnswer {
  readonly status: number;
  readonly body: {
    readonly status: 'success' | 'error';
    readonly errorType?: string;
    readonly error?: string;
    readonly data?: { readonly resultType: string; readonly result: unknown };
  };
}

type Point = readonly [seconds: number, value: string];

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
}

/** The relative tolerance. Sums in another order and other mathematical libraries differ only in the last digits. */
const VALUE_TOLERANCE = 1e-9;

/** The tolerance around zero. If large terms cancel out, their rounding errors remain. */
const ZERO_TOLERANCE = 1e-7;

/** A difference between two answers, with its kind. */
export interface Difference {
  readonly kind: 'status' | 'error type' | 'result type' | 'series' | 'times' | 'value' | 'order';
  readonly detail: string;
}

/**
 * Compares two answers to one query.
 *
 * @param isOrdered whether the order of series matters, as after `sort` and `topk`
 * @returns the first difference, or null
 */
export function firstDifference(theirs: QueryAnswer, ours: QueryAnswer, isOrdered: boolean): Difference | null {
  if (theirs.status !== ours.status || theirs.body.status !== ours.body.status) {
    return differ('status', outcome(theirs), outcome(ours));
  }
  if (theirs.body.status === 'error') {
    return theirs.body.errorType === ours.body.errorType ? null : differ('error type', outcome(theirs), outcome(ours));
  }
  const [left, right] = [theirs.body.data!, ours.body.data!];
  if (left.resultType !== right.resultType) return differ('result type', left.resultType, right.resultType);
  if (left.resultType === 'scalar' || left.resultType === 'string') {
    return pointDifference('', left.result as Point, right.result as Point);
  }
  return seriesDifference(left.result as Series[], right.result as Series[], isOrdered);
}

function seriesDifference(theirs: readonly Series[], ours: readonly Series[], isOrdered: boolean): Difference | null {
  const known = new Map(ours.map((series) => [keyOf(series), series]));
  const missing = theirs.find((series) => !known.has(keyOf(series)));
  if (missing !== undefined || theirs.length !== ours.length || known.size !== ours.length) {
    const expected = new Set(theirs.map(keyOf));
    const extra = ours.find((series) => !expected.has(keyOf(series)));
    return differ(
      'series',
      `${theirs.length} series, ${JSON.stringify(missing ?? '')}`,
      `${ours.length} series, ${JSON.stringify(extra ?? '')}`,
    );
  }
  for (const [place, series] of theirs.entries()) {
    const found = known.get(keyOf(series))!;
    const difference = pointsDifference(keyOf(series), pointsOf(series), pointsOf(found));
    if (difference !== null) return difference;
    if (isOrdered && ours[place]!.value?.[1] !== undefined) {
      const [a, b] = [series.value![1], ours[place]!.value![1]];
      if (!isNear(a, b)) return differ('order', `${place}: ${a}`, `${place}: ${b}`);
    }
  }
  return null;
}

function pointsDifference(key: string, theirs: readonly Point[], ours: readonly Point[]): Difference | null {
  if (theirs.length !== ours.length)
    return differ('times', `${theirs.length} points of ${key}`, `${ours.length} points`);
  for (const [place, point] of theirs.entries()) {
    const difference = pointDifference(key, point, ours[place]!);
    if (difference !== null) return difference;
  }
  return null;
}

function pointDifference(key: string, theirs: Point, ours: Point): Difference | null {
  if (theirs[0] !== ours[0]) return differ('times', `${key} at ${theirs[0]}`, `at ${ours[0]}`);
  return isNear(theirs[1], ours[1]) ? null : differ('value', `${key} at ${theirs[0]}: ${theirs[1]}`, ours[1]);
}

function isNear(theirs: string, ours: string): boolean {
  if (theirs === ours) return true;
  const [a, b] = [Number(theirs), Number(ours)];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= Math.max(VALUE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)), ZERO_TOLERANCE);
}

function pointsOf({ value, values }: Series): readonly Point[] {
  return values ?? (value === undefined ? [] : [value]);
}

function keyOf({ metric }: Series): string {
  return JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function outcome({ status, body }: QueryAnswer): string {
  return body.status === 'success' ? `${status} success` : `${status} ${body.errorType}: ${body.error}`;
}

function differ(kind: Difference['kind'], theirs: string, ours: string): Difference {
  return { kind, detail: `Prometheus: ${theirs}\n    ours: ${ours}` };
}
