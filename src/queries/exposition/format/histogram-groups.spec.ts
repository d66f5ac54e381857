import {
  counter,
  histogram,
  pageInTurnsOf,
  pageTextsOf,
  type PushedMetric,
} from '../../../../test/support/pushed-page.js';

const GROUPS = 1_000;

/** A histogram with many groups of labels, each with two buckets. */
const manyGroups: PushedMetric[] = ['bucket', 'sum', 'count'].map((part) => ({
  name: `h_${part}`,
  type: 'counter',
  series: Array.from({ length: GROUPS }, (_, group) =>
    (part === 'bucket' ? ['1', '+Inf'] : [undefined]).map((le) => ({
      labels: { group: String(group), ...(le !== undefined && { le }) },
      value: 1,
    })),
  ).flat(),
}));

describe('a histogram with many groups', () => {
  it.each(['text', 'openmetrics'] as const)('lets other work in between before its first line in %s', (format) => {
    const texts = pageTextsOf([{ name: 'h', type: 'histogram' }, ...manyGroups], format);
    const first = texts.findIndex((text) => text !== '');
    // Each of the four series of a group is gathered, then the group is sorted and checked.
    expect(first).toBeGreaterThanOrEqual(6 * GROUPS);
    expect(texts.filter((text) => text.includes('h_count'))).toHaveLength(GROUPS);
  });
});

describe('a histogram that is renamed while a page is written', () => {
  const part = (name: string) => ['', '_bucket', '_sum', '_count'].map((suffix) => name + suffix);
  const names = Object.fromEntries(part('h').map((from, index) => [from, part('g')[index]!]));
  const whole = ['h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', 'h_sum 3', 'h_count 2'];

  it.each(['text', 'openmetrics'] as const)('is on it as a whole or not at all in %s, whenever that is', (format) => {
    for (let turn = 0; ; turn++) {
      const { texts, rename } = pageInTurnsOf(
        [counter('a_total'), ...histogram({ 1: 1, '+Inf': 2 }, 3, 2), counter('z_total')],
        format,
      );
      let page = '';
      let turns = 0;
      for (const text of texts) {
        page += text;
        if (turns++ === turn) rename(names);
      }
      const shown = page.split('\n').filter((line) => /^h[_ ]/.test(line));
      expect([[], whole]).toContainEqual(shown);
      expect(page).toContain('z_total');
      if (turn >= turns) break;
    }
  });
});
