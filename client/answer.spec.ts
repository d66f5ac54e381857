import { readErrorMessage, readRejected, readRetryAfter, verdictOf } from './answer.js';

const NOW_MS = Date.UTC(2026, 10, 26, 12);

describe('verdictOf', () => {
  test.each([
    [202, 'acknowledged'],
    ...[200, 204, 301, 404, 408, 425, 429, 500, 502, 503, 504].map((status) => [status, 'retry'] as const),
    ...[400, 401, 403, 405, 413, 415, 422].map((status) => [status, 'refused'] as const),
  ] as const)('%i: %s', (status, verdict) => expect(verdictOf(status)).toBe(verdict));
});

describe('readRetryAfter', () => {
  test.each([
    ['3', 3_000],
    [' 0 ', 0],
    ['Thu, 26 Nov 2026 12:00:10 GMT', 10_000],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
    ['99999999', 3_600_000],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
    [null, 0],
  ])('%p is %i ms', (header, waitMs) => expect(readRetryAfter(header, NOW_MS)).toBe(waitMs));
});

describe('the body of an answer', () => {
  test('lists refused samples', () => {
    const item = { index: 3, reason: 'type_conflict', message: 'It is a gauge.' };
    expect(readRejected(JSON.stringify({ accepted: 1, rejected: [item], rejectedCount: 7 }))).toEqual({
      count: 7,
      items: [item],
    });
    for (const text of ['', '<html>', 'null', '[]', '{}', '{"rejected":[]}', '7']) {
      expect(readRejected(text)).toBeUndefined();
    }
  });

  test('gives the message of an error, otherwise its text, shortened', () => {
    expect(readErrorMessage('{"message":"Bad"}')).toBe('Bad');
    expect(readErrorMessage('{"message":7}')).toBe('{"message":7}');
    expect(readErrorMessage('x'.repeat(5_000))).toHaveLength(300);
  });
});
