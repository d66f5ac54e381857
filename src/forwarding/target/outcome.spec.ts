import { outcomeOf, retryAfterMs } from './outcome.js';

const NOW = Date.UTC(2026, 0, 1);
const kindOf = (status: number) => outcomeOf(status, '', undefined, NOW).kind;

describe('the outcome of a request to the target', () => {
  it('is final for success and for samples that the target does not take', () => {
    expect([200, 204].map(kindOf)).toEqual(['accepted', 'accepted']);
    expect([400, 409, 413, 415, 422].map(kindOf)).toEqual(Array.from({ length: 5 }, () => 'refused'));
  });

  it('is a repetition for everything that may pass, also when somebody changes a setting', () => {
    const statuses = [301, 302, 308, 401, 403, 404, 408, 429, 500, 502, 503, 504, 508];
    expect(statuses.map(kindOf)).toEqual(statuses.map(() => 'unavailable'));
  });

  it('names the setting that is wrong', () => {
    expect(outcomeOf(508, '', undefined, NOW)).toMatchObject({ message: expect.stringContaining('in a circle') });
    expect(outcomeOf(404, '', undefined, NOW)).toMatchObject({ message: expect.stringContaining('check the URL') });
  });

  it.each([
    ['out of order sample', 'out_of_order'],
    ['duplicate sample for timestamp', 'duplicate'],
    ['out of bounds', 'out_of_bounds'],
    [
      'the sample has been rejected because its timestamp is too old (err-mimir-sample-timestamp-too-old)',
      'out_of_bounds',
    ],
    ['no', 'other'],
  ])('names the reason of a refusal: %s', (body, reason) => {
    expect(outcomeOf(400, body, undefined, NOW)).toMatchObject({ kind: 'refused', reason });
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    [new Date(NOW + 9_000).toUTCString(), 9_000],
    [new Date(NOW - 9_000).toUTCString(), 0],
    ['9999999999', 300_000],
    ['soon', undefined],
    ['1'.repeat(65), undefined],
  ])('waits as Retry-After says, within limits: %s', (header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });
});
