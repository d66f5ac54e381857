const STRICT = /(?:^|,|;)\s*handling\s*=\s*"?strict"?\s*(?:$|,|;)/i;

/**
 * Returns whether a `Prefer` header (RFC 7240) asks for `handling=strict`: the whole request is then refused if one item is bad.
 */
export function prefersStrict(header: string | readonly string[] | undefined): boolean {
  if (header === undefined) return false;
  return STRICT.test(typeof header === 'string' ? header : header.join(','));
}
