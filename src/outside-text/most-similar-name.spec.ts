import { mostSimilarName } from './most-similar-name.js';

describe('mostSimilarName', () => {
  it.each([
    ['http_request_total', 'http_requests_total'],
    ['htttp_requests', 'http_requests_total'],
    ['HTTP_REQUESTS_TOTAL', 'http_requests_total'],
    ['queue_depht', 'queue_depth'],
    ['zzz', undefined],
    ['', undefined],
  ])('of %s is %s', (wanted, expected) => {
    expect(mostSimilarName(wanted, ['queue_depth', 'http_requests_total', 'cpu'])).toBe(expected);
  });

  it('compares only some of a million long names', () => {
    let looked = 0;
    function* names(): Generator<string> {
      for (; looked < 1_000_000; looked++) yield `${looked}_`.padEnd(10_000, 'x');
    }
    mostSimilarName('x'.repeat(10_000), names());
    expect(looked).toBeLessThan(2_000);
  });
});
