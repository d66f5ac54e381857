import { modelOfMatrix, resultRows, seriesName } from './promql-result.js';

describe('an answer to PromQL', () => {
  it('becomes lines in which a missing point is a gap', () => {
    const { model, left } = modelOfMatrix(
      [
        {
          metric: { a: '1' },
          values: [
            [0, '1'],
            [60, '2'],
            [240, '3'],
          ],
        },
        { metric: { a: '2' }, values: [[60, '+Inf']] },
      ],
      60,
    );
    expect(model.times).toEqual([0, 60, 120, 180, 240]);
    expect(model.lines.map(({ values }) => values)).toEqual([
      [1, 2, null, null, 3],
      [null, Infinity, null, null, null],
    ]);
    expect(left).toBe(0);
  });

  it('is cut after twenty lines, and says how many are missing', () => {
    const many = Array.from({ length: 50 }, (_, a) => ({
      metric: { a: String(a) },
      values: [[0, '1']] as [number, string][],
    }));
    const { model, left } = modelOfMatrix(many, 60);
    expect(model.lines).toHaveLength(20);
    expect(left).toBe(30);
  });

  it('keeps numbers as they were sent in its table', () => {
    expect(
      resultRows({ resultType: 'vector', result: [{ metric: { __name__: 'a' }, value: [0, '9007199254740993'] }] }),
    ).toEqual([{ name: 'a', value: '9007199254740993' }]);
    expect(resultRows({ resultType: 'scalar', result: [0, 'NaN'] })).toEqual([{ name: 'scalar', value: 'NaN' }]);
  });

  it('names a series as PromQL does', () => {
    expect(seriesName({ __name__: 'a', x: 'say "hi"' })).toBe(String.raw`a{x="say \"hi\""}`);
    expect(seriesName({})).toBe('{}');
    expect(seriesName({ __name__: 'my.metric' })).toBe('{"my.metric"}');
    expect(seriesName({ __name__: 'my.metric', 'a.b': '1', c: '2' })).toBe('{"my.metric", "a.b"="1", c="2"}');
    expect(seriesName({ 'a.b': '1' })).toBe('{"a.b"="1"}');
  });
});
