import { slotsOf } from '../../chart/line-slots.js';
import type { ChartModel } from '../../chart/model.js';
import { labelName, quoted, selector } from './promql-names.js';

/** A series in a response of the Prometheus API. Its values are strings, because JSON can't represent infinity or NaN. */
export interface MatrixSeries {
  metric: Record<string, string>;
  values: [number, string][];
}

/** The data in answers of `query` and `query_range`. */
export type PromqlData =
  | { resultType: 'matrix'; result: MatrixSeries[] }
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
  | { resultType: 'scalar' | 'string'; result: [number, string] };

/** Maximum number of lines. More could not be told apart. */
const MOST_LINES = 20;

/** Returns the chart of a matrix, and the number of series that it leaves out. Missing points are gaps. */
export function modelOfMatrix(series: readonly MatrixSeries[], step: number): { model: ChartModel; left: number } {
  const drawn = series.slice(0, MOST_LINES);
  const times = [...new Set(drawn.flatMap(({ values }) => values.map(([at]) => at)))].toSorted(
    (one, other) => one - other,
  );
  // Times without any value are gaps, too, so the line must not bridge them.
  const all: number[] = [];
  const [first, last] = [times[0], times.at(-1)];
  if (first !== undefined && last !== undefined) for (let at = first; at <= last + step / 2; at += step) all.push(at);
  const names = drawn.map(({ metric }) => seriesName(metric));
  const slots = slotsOf(names);
  const lines = drawn.map(({ values }, index) => {
    const valueAt = new Map(values.map(([at, value]) => [Math.round((at - (first ?? 0)) / step), numberOf(value)]));
    const name = names[index]!;
    return {
      key: name,
      name,
      slot: drawn.length === 1 ? 0 : slots[index]!,
      values: all.map((_, at) => valueAt.get(at) ?? null),
    };
  });
  return {
    model: {
      kind: 'lines',
      times: all,
      ends: all.map((at) => at + step),
      unfinished: all.map(() => false),
      lines,
      unit: null,
      isOfMoments: true,
    },
    left: series.length - drawn.length,
  };
}

/**
 * Returns the rows of a table with the values of an answer, or with the last value of each series of a matrix. The values stay as
 * the server wrote them.
 */
export function resultRows({ resultType, result }: PromqlData): { name: string; value: string }[] {
  if (resultType === 'matrix') {
    return result.map(({ metric, values }) => ({ name: seriesName(metric), value: values.at(-1)?.[1] ?? '' }));
  }
  if (resultType === 'vector')
    return result.map(({ metric, value }) => ({ name: seriesName(metric), value: value[1] }));
  return [{ name: resultType, value: result[1] }];
}

/** Writes a series as PromQL does. */
export function seriesName({ __name__: name = '', ...labels }: Record<string, string>): string {
  const matchers = Object.entries(labels).map(([label, value]) => `${labelName(label)}=${quoted(value)}`);
  return selector(name, matchers, ', ');
}

function numberOf(text: string): number | null {
  const number = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
  return Number.isNaN(number) ? null : number;
}
