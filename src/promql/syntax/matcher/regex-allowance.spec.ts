import { MAX_REGEX_SIZE } from './matcher.js';
import { MAX_REQUEST_REGEX_CHARACTERS, MAX_REQUEST_REGEX_SIZE, RegexAllowance } from './regex-allowance.js';
import { parse } from '../parser/parser.js';

const LARGE = `[a-c]{${MAX_REGEX_SIZE / 4}}`;

function sumOf(patterns: readonly string[]): string {
  return patterns.map((pattern) => `sum(up{job=~"${pattern}"})`).join(' + ');
}

it('limits the total cost of the regular expressions of a query', () => {
  expect(() => parse(sumOf([LARGE, LARGE]))).not.toThrow();
  expect(() => parse(sumOf(Array.from({ length: 8 }, () => LARGE)))).toThrow(
    `regular expressions too large: together they have more than ${MAX_REQUEST_REGEX_SIZE} states`,
  );
});

it('counts small ones as well', () => {
  const small = Array.from({ length: 1_000 }, (_, index) => `a.${index % 10}`);
  expect(() => parse(sumOf(small))).toThrow('regular expressions too large');
});

it('does not count expressions that need no engine', () => {
  const plain = Array.from({ length: 100 }, (_, index) => ['.*', '.+', `app-${index}.*`, `a|b|c-${index}`]).flat();
  expect(() => parse(sumOf(plain))).not.toThrow();
});

it('limits the total length of all of them', () => {
  const half = 'a|'.repeat(MAX_REQUEST_REGEX_CHARACTERS / 4);
  const allowance = new RegexAllowance();
  expect([half, half, 'a'].map((pattern) => allowance.problemOf(pattern)?.slice(0, 28) ?? null)).toEqual([
    null,
    null,
    'regular expressions too long',
  ]);
});

it.each(['(', '(?:', '[', '{1', '\\', '|', 'a|', '.*', '(a|', '\\p', '[[:', '\\(', ')', '*'])(
  'decides on a long text of %s quickly',
  (part) => {
    const start = process.cpuUsage();
    new RegexAllowance().problemOf(part.repeat(MAX_REQUEST_REGEX_CHARACTERS / part.length));
    // An earlier version took five seconds for a million parts.
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  },
);
