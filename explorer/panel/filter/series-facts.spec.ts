import type { Series } from '../../api/types.js';
import { factsOf } from './series-facts.js';

const listed = (...all: { labels?: Record<string, string>; temporality?: 'delta' | 'cumulative' | null }[]) => ({
  series: all.map(({ labels = {}, temporality = null }, id): Series['series'][number] => ({
    id,
    metric: 'm',
    labels,
    temporality,
    createdAt: '',
    lastPushAt: null,
    value: 1,
  })),
  nextCursor: null,
});

describe('the facts about series', () => {
  it('say whether a counter is pushed as running totals', () => {
    expect(factsOf(listed({ temporality: 'delta' }), []).isCumulative).toBe(false);
    expect(factsOf(listed({ temporality: 'delta' }, { temporality: 'cumulative' }), []).isCumulative).toBe(true);
  });

  it('say whether each line has one series', () => {
    const two = listed({ labels: { a: 'x', b: '1' } }, { labels: { a: 'y', b: '1' } });
    expect(factsOf(two, ['a']).isOneEach).toBe(true);
    expect(factsOf(two, ['b']).isOneEach).toBe(false);
    expect(factsOf(two, []).isOneEach).toBe(false);
    expect(factsOf(listed({}), []).isOneEach).toBe(true);
    expect(factsOf({ ...two, nextCursor: 'more' }, ['a']).isOneEach).toBe(false);
  });
});
