import { parse } from '../parser/parser.js';
import { treeToJson } from './tree-json.js';

const jsonOf = (query: string) => treeToJson(parse(query));

describe('treeToJson', () => {
  it('returns aggregations, calls and ranges with all of their fields', () => {
    expect(jsonOf('sum by (job) (rate(a{b!="c"}[5m] offset 1m @ end()))')).toEqual({
      type: 'aggregation',
      op: 'sum',
      grouping: ['job'],
      without: false,
      param: null,
      expr: {
        type: 'call',
        func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
        args: [
          {
            type: 'matrixSelector',
            name: 'a',
            range: 300_000,
            rangeExpr: null,
            offset: 60_000,
            offsetExpr: null,
            timestamp: null,
            startOrEnd: 'end',
            anchored: false,
            smoothed: false,
            matchers: [
              { name: 'b', type: '!=', value: 'c' },
              { name: '__name__', type: '=', value: 'a' },
            ],
          },
        ],
      },
    });
  });

  it('returns operators with their matching, or null next to a scalar', () => {
    expect(jsonOf('a * on (x) group_left (y) b')).toMatchObject({
      type: 'binaryExpr',
      op: '*',
      bool: false,
      matching: {
        card: 'many-to-one',
        labels: ['x'],
        on: true,
        include: ['y'],
        fillValues: { lhs: null, rhs: null },
      },
    });
    expect(jsonOf('(a) > bool -inf')).toMatchObject({
      bool: true,
      matching: null,
      lhs: { type: 'parenExpr', expr: { type: 'vectorSelector' } },
      rhs: { type: 'numberLiteral', val: '-Inf' },
    });
  });

  it('returns subqueries, signs and texts', () => {
    expect(jsonOf('count_values("v", max_over_time((-{a="b"} @ 1.5)[1h:]))')).toMatchObject({
      param: { type: 'stringLiteral', val: 'v' },
      expr: {
        args: [
          {
            type: 'subquery',
            range: 3_600_000,
            step: 0,
            offset: 0,
            timestamp: null,
            expr: {
              expr: {
                type: 'unaryExpr',
                op: '-',
                expr: { type: 'vectorSelector', name: '', timestamp: 1500, startOrEnd: null },
              },
            },
          },
        ],
      },
    });
  });
});
