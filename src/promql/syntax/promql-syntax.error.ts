import type { Position } from './ast.js';

/**
 * Reports an invalid query, selector or regular expression. The cause is always in the text of the query.
 *
 * The message starts like Prometheus' own (`1:5: parse error: …`), with line and column, because people search for that form. The
 * column is in bytes of UTF-8.
 */
export class PromqlSyntaxError extends Error {
  override readonly name = 'PromqlSyntaxError';

  /**
   * @param reason the problem, without the position.
   * @param query the text that the position refers to.
   * @param position null if no single place is wrong, for example if the whole query is too long.
   */
  constructor(
    readonly reason: string,
    query: string,
    readonly position: Position | null,
  ) {
    super(position === null ? reason : `${placeOf(query, position.start)}: parse error: ${reason}`);
  }
}

function placeOf(query: string, offset: number): string {
  if (query === '') return 'unknown position';
  const before = query.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `${line}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}
