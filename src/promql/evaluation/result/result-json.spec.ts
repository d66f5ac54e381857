import { answerQuery, minuteSeries } from '../../../../test/support/promql-query.js';
import type { QueryAnswer } from '../evaluate.js';
import { resultJson } from './result-json.js';

const DATA = minuteSeries({ 'x{job="a\\"b"}': [1, 0.0000001], 'x{job="b"}': [NaN, -Infinity] });

function textOf(answer: QueryAnswer): string {
  return Buffer.concat([...resultJson(answer)]).toString();
}

describe('the JSON of an answer', () => {
  it('has a point for each series of a vector', () => {
    expect(textOf(answerQuery('x', DATA, { startMs: 60_001 }))).toBe(
      '{"resultType":"vector","result":[' +
        '{"metric":{"__name__":"x","job":"a\\"b"},"value":[60.001,"1e-07"]},' +
        '{"metric":{"__name__":"x","job":"b"},"value":[60.001,"-Inf"]}]}',
    );
  });

  it('has all points of each series of a matrix', () => {
    const answer = answerQuery('x{job="b"}', DATA, { kind: 'range', startMs: 0, endMs: 61_000, stepMs: 30_500 });
    expect(textOf(answer)).toBe(
      '{"resultType":"matrix","result":[{"metric":{"__name__":"x","job":"b"},' +
        '"values":[[0,"NaN"],[30.500,"NaN"],[61,"-Inf"]]}]}',
    );
  });

  it('is a single value for numbers and texts', () => {
    expect(textOf(answerQuery('1 + 1', []))).toBe('{"resultType":"scalar","result":[0,"2"]}');
    expect(textOf(answerQuery('"a\\nb"', []))).toBe('{"resultType":"string","result":[0,"a\\nb"]}');
    expect(textOf(answerQuery('x', []))).toBe('{"resultType":"vector","result":[]}');
  });

  it('has the same points whether series share their times or not', () => {
    const values = (count: number) => Array.from({ length: count }, (_, minute) => minute * 1.25);
    const data = minuteSeries({
      'x{n="1"}': values(4),
      'x{n="2"}': values(4),
      'x{n="3"}': values(2),
      'x{n="4"}': values(4),
    });
    const answer = answerQuery('last_over_time(x[1m])', data, {
      kind: 'range',
      startMs: 0,
      endMs: 180_000,
      stepMs: 60_000,
    });
    const points = (count: number) => values(count).map((value, minute) => [minute * 60, String(value)]);
    const { result } = JSON.parse(textOf(answer)) as { result: { values: unknown }[] };
    expect(result.map((series) => series.values)).toEqual([points(4), points(4), points(2), points(4)]);
  });

  it('comes in parts, with the type first, between other texts', () => {
    const answer = answerQuery('time()', [], {
      kind: 'range',
      startMs: 0,
      endMs: 10_000_000,
      stepMs: 250,
      maxPointsPerSeries: 50_000,
    });
    const parts = [...resultJson(answer, { before: '{"data":', after: ',"é":1}' })];
    expect(parts.length).toBeGreaterThan(2);
    expect(Buffer.from(parts[0]!).toString()).toMatch(/^\{"data":\{"resultType":"matrix"/);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(263_000);
    const { data, ...rest } = JSON.parse(Buffer.concat(parts).toString()) as {
      data: { result: { values: unknown[] }[] };
    };
    expect(data.result[0]!.values).toHaveLength(40_001);
    expect(rest).toEqual({ é: 1 });
  });
});
