import { MetricDefinitions } from './metric-definitions.js';

describe('MetricDefinitions', () => {
  const define = (...args: Parameters<MetricDefinitions['define']>) => definitions.define(...args);
  let definitions: MetricDefinitions;

  beforeEach(() => {
    definitions = new MetricDefinitions(3, 20);
  });

  test('the first definition of a name is kept, but a missing help can be added later', () => {
    const first = define('a', 'counter');
    expect(define('a', 'counter', 'Late')).toBe(first);
    expect(define('a', 'counter', 'Later')).toMatchObject({ help: 'Late' });
    expect(define('a', 'gauge')).toBe('metric_conflict');
  });

  test('the infinite bucket is implied, and other buckets are another definition', () => {
    expect(define('h', 'histogram', '', [1, 2, Infinity])).toMatchObject({ bounds: [1, 2] });
    expect(define('h', 'histogram', '', [1, 2])).toMatchObject({ bounds: [1, 2] });
    expect(define('h', 'histogram')).toMatchObject({ bounds: [1, 2] });
    expect(define('h', 'histogram', '', [1, 3])).toBe('metric_conflict');
    expect(define('d', 'histogram')).toMatchObject({ bounds: expect.arrayContaining([0.005, 10]) });
  });

  test.each([[[2, 1]], [[1, 1]], [[NaN]], [['1']], ['1,2'], [{}], [Array.from({ length: 18 }, (_, n) => n)]])(
    'refuses the buckets %p',
    (buckets) => expect(define('h', 'histogram', '', buckets)).toBe('invalid_buckets'),
  );

  test('a counter cannot have the name of a part of a histogram, whichever is defined first', () => {
    define('h', 'histogram');
    expect(define('h_count', 'counter')).toBe('metric_conflict');
    define('i_sum', 'gauge');
    expect(define('i', 'histogram')).toBe('metric_conflict');
  });

  test('the length and the number of names are limited', () => {
    for (const name of ['', 7, null, undefined, 'x'.repeat(1_001)]) expect(define(name, 'gauge')).toBe('invalid_name');
    for (const name of ['a', 'b', 'c']) define(name, 'gauge');
    expect(define('d', 'gauge')).toBe('too_many_series');
    expect(define('a', 'gauge')).toMatchObject({ name: 'a' });
  });
});
