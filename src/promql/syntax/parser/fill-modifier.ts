import { isLiteral, isSign } from '../lexer/token.js';
import type { TokenReader } from '../lexer/token-reader.js';

/**
 * Reads `fill (0)`, an experimental modifier of Prometheus 3. The modifier is read only so that the error can name it.
 *
 * @returns whether there was one
 */
export function parseFill(tokens: TokenReader): boolean {
  if (!seesFill(tokens)) return false;
  while (seesFill(tokens)) {
    tokens.take();
    tokens.take();
    if (isSign(tokens.peek())) tokens.take();
    if (!isLiteral(tokens.peek())) tokens.unexpected();
    tokens.take();
    if (tokens.takeIf(')') === null) tokens.unexpected();
  }
  return true;
}

/** Returns whether a fill modifier comes next. */
export function seesFill(tokens: TokenReader): boolean {
  const { kind, word } = tokens.peek();
  return kind === 'keyword' && word.startsWith('fill');
}
