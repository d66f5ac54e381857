const STRICT = /(?:^|,|;)\s*handling\s*=\s*"?strict"?\s*(?:$|,|;)/i;

/** Returns whether a `Prefer` header (RFC 7240) asks for `handling=strict`, with which one bad item refuses the whole request. */
export function prefersStrict(header: string | readonly string[] | undefined): boolean {
  if (header === undefined) return false;
  return STRICT.test(typeof header === 'string' ? header : header.join(','));
}
