import { familiesOf, prefixesOf } from './prefixes.js';

describe('prefixes of names', () => {
  it('are ordered by their number of metrics, without those that hardly any metric has', () => {
    const names = ['a_1', 'a_2', 'a_3', 'b_1', 'b_2', 'b_3', 'b_4', 'c_1', 'lonely'];
    expect(prefixesOf(names, 10)).toEqual([
      { text: 'b_', count: 4 },
      { text: 'a_', count: 3 },
    ]);
    expect(prefixesOf(names, 1)).toHaveLength(1);
  });

  it('say nothing if all metrics have the same', () => {
    expect(prefixesOf(['a_1', 'a_2', 'a_3'], 10)).toEqual([]);
  });

  it('count a histogram once', () => {
    const names = ['x_bucket', 'x_sum', 'x_count', 'page_count'];
    expect([...familiesOf(names)]).toEqual(['x', 'page_count']);
  });
});
