import { MAX_REGEX_SIZE } from './matcher.js';
import { MAX_REQUEST_REGEX_SIZE } from './regex-allowance.js';
import { parse } from './parser.js';

const LARGE = `[a-c]{${MAX_REGEX_SIZE / 4}}`;

function sumOf(patterns: readonly string[]): string {
  return patterns.map((pattern) => `sum(up{job=~"${pattern}"})`).join(' + ');
}

it('bounds what all regular expressions of a query cost', () => {
  expect(() => parse(sumOf([LARGE, LARGE]))).not.toThrow();
  expect(() => parse(sumOf(Array.from({ length: 8 }, () => LARGE)))).toThrow(
    `regular expressions too large: together they have more than ${MAX_REQUEST_REGEX_SIZE} states`,
  );
});

it('counts the small ones, too', () => {
  const small = Array.from({ length: 1_000 }, (_, index) => `a.${index % 10}`);
  expect(() => parse(sumOf(small))).toThrow('regular expressions too large');
});

it('does not count what needs no engine', () => {
  const plain = Array.from({ length: 100 }, (_, index) => ['.*', '.+', `app-${index}.*`, `a|b|c-${index}`]).flat();
  expect(() => parse(sumOf(plain))).not.toThrow();
});
