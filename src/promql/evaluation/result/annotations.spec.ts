import { Annotations } from './annotations.js';

describe('annotations', () => {
  it('contain each message once, with the line and the byte where it begins', () => {
    const annotations = new Annotations();
    const query = '"ü" or\n  x';
    annotations.warn('careful', { start: 9, end: 10 });
    annotations.warn('careful', { start: 0, end: 3 });
    annotations.inform('by the way', { start: 4, end: 6 });
    expect(annotations.list(query)).toEqual({
      warnings: ['PromQL warning: careful (2:3)'],
      infos: ['PromQL info: by the way (1:6)'],
    });
  });

  it('list ten of each kind and count the others', () => {
    const annotations = new Annotations();
    for (let number = 0; number < 13; number++) {
      annotations.warn(`number ${number}`, { start: 0, end: 1 });
    }
    const { warnings, infos } = annotations.list('x');
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)).toBe('3 more warning annotations omitted');
    expect(infos).toEqual([]);
  });

  it('combine repairs of buckets', () => {
    const annotations = new Annotations();
    const position = { start: 24, end: 30 };
    const repair = { lowestBound: 2, highestBound: 2, largestDifference: 0.256, fromMs: 1000, toMs: 1000, count: 1 };
    annotations.informOfRepair('x_bucket', position, repair);
    annotations.informOfRepair('x_bucket', position, { ...repair, highestBound: 8, fromMs: 61_000, toMs: 61_000 });
    expect(annotations.list('histogram_quantile(0.5, x_bucket)').infos).toEqual([
      'PromQL info: input to histogram_quantile needed to be fixed for monotonicity ' +
        '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "x_bucket", ' +
        'from buckets 2 to 8, with a max diff of 0.26, over 2 samples from 1970-01-01T00:00:01Z to 1970-01-01T00:01:01Z (1:25)',
    ]);
  });
});
