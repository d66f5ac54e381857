import { Counter, Histogram, register } from 'prom-client';
import { OwnMetrics } from './own-metrics.js';

describe('OwnMetrics', () => {
  const own = new OwnMetrics();

  beforeAll(() => {
    register.registerMetric(new Counter({ name: 'own_requests_total', help: 'a counter', registers: [] }));
    register.registerMetric(new Histogram({ name: 'own_seconds', help: 'a histogram', registers: [] }));
  });

  afterAll(() => register.clear());

  test.each(['own_requests_total', 'own_requests', 'own_seconds', 'own_seconds_bucket', 'own_seconds_sum', 'up'])(
    'reserves %s',
    (name) => expect(own.isReserved(name)).toBe(true),
  );

  // The registry keeps its metrics in a plain object.
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'constructor_sum', 'own', 'own_seconds_max'])(
    'leaves %s to everybody',
    (name) => expect(own.isReserved(name)).toBe(false),
  );
});
