import type { Position } from './ast.js';

/**
 * A query, a selector or a regular expression in it is invalid: the error is always in the text of the query.
 *
 * The message starts like Prometheus' own (`1:5: parse error: …`: line and column, the column in bytes of UTF-8), because that is
 * what people search for.
 */
export class PromqlSyntaxError extends Error {
  override readonly name = 'PromqlSyntaxError';

  /**
   * @param reason what is wrong, without the position.
   * @param query the text that the position refers to.
   * @param position null where no single place is wrong, for example if the whole query is too long.
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
