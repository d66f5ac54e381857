import { nearestName } from './nearest-name.js';

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
