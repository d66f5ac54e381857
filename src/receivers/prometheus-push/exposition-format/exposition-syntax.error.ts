/** The syntax error of an exposition, with the line that is wrong. */
export class ExpositionSyntaxError extends Error {
  /** @param line counted from 1 */
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(`Line ${line}: ${reason}`);
  }
}
