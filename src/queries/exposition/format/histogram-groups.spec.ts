import { pageTextsOf, type PushedMetric } from '../../../../test/support/pushed-page.js';

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
