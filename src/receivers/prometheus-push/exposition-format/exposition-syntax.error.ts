/** The error for an exposition with invalid syntax or contradictory content. The message starts with the number of the line. */
export class ExpositionSyntaxError extends Error {
  /** @param line the line number, counted from 1 */
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(`Line ${line}: ${reason}`);
  }
}
