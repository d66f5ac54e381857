import { MAX_REGEX_SIZE, regexCost, regexProblem } from './matcher.js';

/**
 * Maximum number of states of all regular expressions of a request. Parsing a query compiles each expression once or twice
 * without a pause, which takes tens of milliseconds at this size.
 */
export const MAX_REQUEST_REGEX_SIZE = 2 * MAX_REGEX_SIZE;

/**
 * Maximum number of characters of all regular expressions of a request. Lists of plain values are not compiled, but still cost
 * about 0.3 µs per character. The longest lists that dashboards send have a hundred thousand characters.
 */
export const MAX_REQUEST_REGEX_CHARACTERS = 256 * 1024;

/** Limits the total cost of the regular expressions of one request, because many small ones take as long as a large one. */
export class RegexAllowance {
  private sizeLeft = MAX_REQUEST_REGEX_SIZE;
  private charactersLeft = MAX_REQUEST_REGEX_CHARACTERS;

  /**
   * Counts the next regular expression of the request against the allowance.
   *
   * @returns the problem if the expression exceeds the allowance or is invalid, otherwise null
   */
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
