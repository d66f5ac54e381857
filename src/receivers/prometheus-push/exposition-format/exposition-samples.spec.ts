import { toEnd } from '../../../../test/support/to-end.js';
import { parseExposition } from './exposition-parser.js';
import { samplesOfExposition } from './exposition-samples.js';

const LIMITS = {
  maxLabels: 32,
  metricNameMaxLength: 200,
  nameValidation: 'legacy' as const,
  labelValueMaxLength: 1_000,
  histogramMaxBuckets: 500,
};
const read = (body: string, grouping?: Record<string, string>) =>
  toEnd(samplesOfExposition(toEnd(parseExposition(body, 'text')), LIMITS, grouping));
const faultOf = (body: string, grouping?: Record<string, string>) => {
  try {
    read(body, grouping);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

describe('samplesOfExposition', () => {
  it('sets types but leaves the temporality of counters to the token or the metric', () => {
    const { samples, lines } = read(
      [
        '# TYPE jobs counter',
        '# HELP jobs Done',
        'jobs{a="1"} 3 1520879607789',
        '# TYPE level gauge',
        'level -2',
        'plain_total 1',
        'plain 2',
        '',
      ].join('\n'),
    );
    expect(samples).toEqual([
      { name: 'jobs', labels: { a: '1' }, value: 3, type: 'counter', help: 'Done', timestamp: 1_520_879_607_789 },
      { name: 'level', labels: {}, value: -2, type: 'gauge' },
      { name: 'plain_total', labels: {}, value: 1 },
      { name: 'plain', labels: {}, value: 2 },
    ]);
    expect(lines).toEqual([3, 5, 6, 7]);
  });

  it('turns each label set of a histogram into one item', () => {
    const { samples } = read(
      [
        '# TYPE h histogram',
        'h_bucket{x="1",le="0.5"} 1',
        'h_bucket{x="2",le="0.5"} 0',
        'h_bucket{x="1",le="+Inf"} 2',
        'h_sum{x="1"} 3',
        'h_count{x="1"} 2',
        'h_count{x="2"} 0',
        'h_sum{x="2"} NaN',
        '',
      ].join('\n'),
    );
    expect(samples.map(({ name, labels, value, histogram }) => [histogram?.item, name, labels, value])).toEqual([
      [0, 'h_bucket', { x: '1', le: '0.5' }, 1],
      [0, 'h_bucket', { x: '1', le: '+Inf' }, 2],
      [0, 'h_sum', { x: '1' }, 3],
      [0, 'h_count', { x: '1' }, 2],
      [1, 'h_bucket', { x: '2', le: '0.5' }, 0],
      [1, 'h_bucket', { x: '2', le: '+Inf' }, 0],
      [1, 'h_count', { x: '2' }, 0],
    ]);
  });

  it('gives the names under which metrics in quotes are stored', () => {
    expect([...read('{"a.b"} 1\n').names]).toEqual(['a_b']);
    const histogram = ['# TYPE "h.h" histogram', '{"h.h_bucket",le="+Inf"} 1', '{"h.h_sum"} 1', '{"h.h_count"} 1', ''];
    expect([...read(histogram.join('\n')).names]).toEqual(['h_h_bucket', 'h_h_sum', 'h_h_count']);
  });

  it('stores quantiles as gauges and leaves out those without a value, but keeps their names', () => {
    const { samples, names } = read(
      '# TYPE s summary\ns{quantile="0.5"} NaN\ns{quantile="0.9"} 2\ns_sum 4\ns_count 2\n# TYPE g gauge\ng NaN\n',
    );
    expect(samples.map(({ name, type, value }) => [name, type, value])).toEqual([
      ['s', 'gauge', 2],
      ['s_sum', 'counter', 4],
      ['s_count', 'counter', 2],
    ]);
    expect([...names]).toEqual(['s', 's_sum', 's_count', 'g']);
  });

  it('keeps infinite gauges, leaves out and counts other infinite values, and accepts the rest of the exposition', () => {
    const { samples, names, infinite } = read(
      [
        '# TYPE g gauge',
        'g{a="1"} +Inf',
        'g{a="2"} 5',
        'u -Inf',
        '# TYPE s summary',
        's{quantile="0.5"} Inf',
        's_sum +Inf',
        's_count 1',
        '# TYPE h histogram',
        'h_bucket{le="+Inf"} 1',
        'h_sum +Inf',
        'h_count 1',
        '# TYPE n gauge',
        'n NaN',
        '',
      ].join('\n'),
    );
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ['g', Infinity],
      ['g', 5],
      ['s', Infinity],
      ['s_count', 1],
      ['h_bucket', 1],
      ['h_count', 1],
    ]);
    expect([...names]).toEqual(['g', 'u', 's', 's_sum', 's_count', 'h_bucket', 'h_count', 'n']);
    expect(infinite).toBe(3);
  });

  it('has a step for each sample and family, so that other work can run during a long exposition', () => {
    const families = toEnd(parseExposition('a 1\nb{c="1"} 1\nb{c="2"} 1\n# TYPE e gauge\n', 'text'));
    expect([...samplesOfExposition(families, LIMITS)]).toHaveLength(6);
  });

  it('lets the labels of the group win, and removes a label if that of the group is empty', () => {
    const { samples } = read('a{job="x",instance="y",z="1"} 1\n', { job: 'j', instance: '' });
    expect(samples[0]!.labels).toEqual({ job: 'j', z: '1' });
  });

  it('leaves the push time metrics to the service', () => {
    expect(read('push_time_seconds{job="x"} 1\npush_failure_time_seconds 0\n').samples).toEqual([]);
  });

  it.each([
    ['a 1\na 2\n', 'Line 2: a{} appears twice.'],
    ['a{b="1",c="2"} 1\na{c="2",b="1"} 1\n', 'Line 2: a{b="1",c="2"} appears twice.'],
    ['# TYPE c counter\nc NaN\n', 'Line 2: c has the value NaN; only finite numbers can be kept.'],
    ['# TYPE c counter\nc +Inf\n', 'Line 2: c has the value Infinity; only finite numbers can be kept.'],
    ['# TYPE h histogram\nh_bucket{le="1"} 1\n', 'Line 2: the histogram h has neither h_count nor a bucket +Inf.'],
    ['# TYPE h histogram\nh_bucket 1\n', 'Line 2: h_bucket needs the label le with a number or +Inf, not none.'],
    [`# TYPE h histogram\nh_bucket{le="${'1'.repeat(2_000)}"} 1\n`, 'Line 2: h_bucket needs the label le'],
    ['# TYPE h histogram\nh_bucket{le="1"} 3\nh_count 2\n', 'Line 3: The histogram h has 3 in the bucket up to 1'],
    ['# TYPE h histogram\nh 3\n', 'Line 2: h is a histogram, which has no value of its own'],
  ])('refuses %j', (body, fault) => {
    expect(faultOf(body)).toContain(fault);
  });

  it('refuses series that become the same series through the labels of the group', () => {
    expect(faultOf('a{job="1"} 1\na{job="2"} 1\n', { job: 'j' })).toContain('Line 2: a{job="j"} appears twice');
    expect(faultOf('a{job="1"} 1\na{job="2"} 1\n')).toBe('none');
  });
});
