import { failingWork, RepeatedFailure } from './repeated-failure.js';

const OUTAGE = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

/** Reports a failure once a second for the given time, as a loop would. */
function failFor(seconds: number, error: unknown) {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => lines.push(`${level}: ${message}`);
  let now = 0;
  const logger = { debug: say('debug'), log: say('log'), warn: say('warn'), error: say('error') };
  const failure = new RepeatedFailure('test this', logger, () => now);
  for (; now <= seconds * 1000; now += 1000) failure.failed(error);
  return { failure, lines };
}

test('an outage is logged as a warning after a minute, later as an error, and not at every attempt', () => {
  const { failure, lines } = failFor(900, OUTAGE);
  expect(lines.slice(0, 60).every((line) => line.startsWith('debug'))).toBe(true);
  expect(lines.slice(60)).toEqual([
    'warn: Could not test this for 60 s, will try again: connection refused',
    'error: Could not test this for 300 s, will try again: connection refused',
    'error: Could not test this for 540 s, will try again: connection refused',
    'error: Could not test this for 780 s, will try again: connection refused',
  ]);
  expect(failingWork()).toEqual([{ name: 'test this', reason: 'connection refused', seconds: 901 }]);
  failure.succeeded();
  expect(lines.at(-1)).toBe('log: Could test this again, after 901 s.');
  expect(failingWork()).toEqual([]);
});

test('any other error is logged as a warning immediately', () => {
  const { failure, lines } = failFor(0, new Error('a mistake'));
  expect(lines).toEqual(['warn: Could not test this, will try again: a mistake']);
  expect(failingWork()).toEqual([]);
  failure.forget();
});
