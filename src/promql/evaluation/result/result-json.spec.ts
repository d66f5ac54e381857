import { answerQuery, minuteSeries } from '../../../../test/support/promql-query.js';
import { resultJson } from './result-json.js';

const DATA = minuteSeries({ 'x{job="a\\"b"}': [1, 0.0000001], 'x{job="b"}': [NaN, -Infinity] });

describe('the JSON of an answer', () => {
  it('has a point for each series of a vector', () => {
    expect([...resultJson(answerQuery('x', DATA, { startMs: 60_001 }))].join('')).toBe(
      '{"resultType":"vector","result":[' +
        '{"metric":{"__name__":"x","job":"a\\"b"},"value":[60.001,"1e-07"]},' +
        '{"metric":{"__name__":"x","job":"b"},"value":[60.001,"-Inf"]}]}',
    );
  });

  it('has all points of each series of a matrix', () => {
    const answer = answerQuery('x{job="b"}', DATA, { kind: 'range', startMs: 0, endMs: 61_000, stepMs: 30_500 });
    expect([...resultJson(answer)].join('')).toBe(
      '{"resultType":"matrix","result":[{"metric":{"__name__":"x","job":"b"},' +
        '"values":[[0,"NaN"],[30.500,"NaN"],[61,"-Inf"]]}]}',
    );
  });

  it('is a single value for numbers and texts', () => {
    expect([...resultJson(answerQuery('1 + 1', []))].join('')).toBe('{"resultType":"scalar","result":[0,"2"]}');
    expect([...resultJson(answerQuery('"a\\nb"', []))].join('')).toBe('{"resultType":"string","result":[0,"a\\nb"]}');
    expect([...resultJson(answerQuery('x', []))].join('')).toBe('{"resultType":"vector","result":[]}');
  });

  it('comes in chunks, with the type first', () => {
    const answer = answerQuery('time()', [], { kind: 'range', startMs: 0, endMs: 10_000_000, stepMs: 1000 });
    const pieces = [...resultJson(answer)];
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces[0]).toMatch(/^\{"resultType":"matrix"/);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(66_000);
    expect(JSON.parse(pieces.join('')).result[0].values).toHaveLength(10_001);
  });
});
