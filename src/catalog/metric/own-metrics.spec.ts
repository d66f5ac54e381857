import { Counter, Gauge, Histogram, register, Summary } from 'prom-client';
import type { LabelSet } from '../series/label-set.js';
import { OwnMetrics } from './own-metrics.js';
import type { FamilyType } from './family-type.js';

const JOB: LabelSet = [['job', 'app']];

describe('OwnMetrics', () => {
  const own = new OwnMetrics();

  beforeAll(() => {
    const options = { help: 'of a test', registers: [] };
    register.registerMetric(new Counter({ name: 'own_requests_total', labelNames: ['route'], ...options }));
    register.registerMetric(new Histogram({ name: 'own_seconds', ...options }));
    register.registerMetric(new Summary({ name: 'own_sizes', ...options }));
    register.registerMetric(new Gauge({ name: 'own_queue_count', ...options }));
  });

  afterAll(() => register.clear());

  test.each<[name: string, type: FamilyType]>([
    ['own_requests_total', 'gauge'],
    ['own_seconds', 'gauge'],
    ['own_seconds_bucket', 'counter'],
    ['own_seconds_sum', 'counter'],
    ['own_sizes', 'gauge'],
    ['own_sizes_count', 'counter'],
    ['own_queue', 'histogram'],
  ])('refuses %s as a %s', (name, type) => {
    expect(own.conflictOfType(name, type)).toMatchObject({ reason: 'type_conflict' });
  });

  test.each<[name: string, type: FamilyType]>([
    ['own_requests_total', 'counter'],
    ['own_requests', 'gauge'],
    ['own_requests_created', 'gauge'],
    ['own_seconds', 'histogram'],
    ['own_seconds_created', 'gauge'],
    // The registry keeps its metrics in a plain object, which has some properties that are not metrics.
    ['constructor', 'gauge'],
    ['toString', 'gauge'],
    ['__proto__', 'gauge'],
    ['constructor_sum', 'counter'],
    ['own', 'gauge'],
    ['own_seconds_max', 'gauge'],
  ])('accepts %s as a %s', (name, type) => expect(own.conflictOfType(name, type)).toBeUndefined());

  it('refuses the names that Prometheus writes about each target', () => {
    expect(own.conflictOfType('up', 'gauge')).toMatchObject({ reason: 'reserved_name' });
  });

  it('accepts the parts of a pushed histogram next to a histogram of the service', () => {
    expect(own.conflictOfType('own_seconds_bucket', 'counter', true)).toBeUndefined();
    expect(own.conflictOfType('own_sizes_count', 'counter', true)).toMatchObject({ reason: 'type_conflict' });
  });

  test.each<[name: string, labels: LabelSet]>([
    ['own_requests_total', []],
    ['own_requests_total', [['route', '/']]],
    ['own_seconds_bucket', [['le', '1']]],
    ['own_seconds_sum', []],
  ])('refuses %s with the labels %j, which may be those of a series of the service', (name, labels) => {
    expect(own.conflictOfLabels(name, labels)).toMatchObject({ reason: 'reserved_name' });
  });

  test.each(['own_requests_total', 'own_seconds_bucket', 'own_seconds_sum', 'toString'])(
    'accepts %s with a label that the series of the service do not have',
    (name) => expect(own.conflictOfLabels(name, JOB)).toBeUndefined(),
  );

  it('accepts any labels under other names', () => {
    expect(own.conflictOfLabels('other', [])).toBeUndefined();
    expect(own.conflictOfLabels('toString', [])).toBeUndefined();
  });
});
