import { MAX_REGEX_SIZE, regexCost, regexProblem } from './matcher.js';

/**
 * The most states that all regular expressions of a request may have. They are compiled in one go, twice: at this size that is
 * tens of milliseconds.
 */
export const MAX_REQUEST_REGEX_SIZE = 2 * MAX_REGEX_SIZE;

/**
 * The most characters that all regular expressions of a request may have. Lists of plain values need no engine, and still cost
 * some 0.3 µs a character; the longest that dashboards send are a hundred thousand.
 */
export const MAX_REQUEST_REGEX_CHARACTERS = 256 * 1024;

/** What the regular expressions of one request may cost together: many small ones take as long as a large one. */
export class RegexAllowance {
  private sizeLeft = MAX_REQUEST_REGEX_SIZE;
  private charactersLeft = MAX_REQUEST_REGEX_CHARACTERS;

  /** @returns what is wrong with the next regular expression of the request, or null */
  problemOf(pattern: string): string | null {
    this.charactersLeft -= pattern.length;
    if (this.charactersLeft < 0) {
      return `regular expressions too long: together they have more than ${MAX_REQUEST_REGEX_CHARACTERS} characters, the limit: use fewer or shorter ones`;
    }
    const cost = regexCost(pattern);
    if (cost <= MAX_REGEX_SIZE && cost > this.sizeLeft) {
      return `regular expressions too large: together they have more than ${MAX_REQUEST_REGEX_SIZE} states, the limit: use fewer or shorter ones`;
    }
    this.sizeLeft -= cost;
    return regexProblem(pattern);
  }
}
