import { nearestName } from './nearest-name.js';
import { smallest } from './smallest.js';

describe('nearestName', () => {
  it.each([
    ['http_request_total', 'http_requests_total'],
    ['htttp_requests', 'http_requests_total'],
    ['HTTP_REQUESTS_TOTAL', 'http_requests_total'],
    ['queue_depht', 'queue_depth'],
    ['zzz', undefined],
    ['', undefined],
  ])('of %s is %s', (wanted, expected) => {
    expect(nearestName(wanted, ['queue_depth', 'http_requests_total', 'cpu'])).toBe(expected);
  });
});

describe('smallest', () => {
  it('is what sorting and cutting would give', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 5_003);
    expect(smallest(items, 10, (a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b).slice(0, 10));
  });
});
