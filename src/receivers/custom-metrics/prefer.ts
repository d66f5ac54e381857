const STRICT = /(?:^|,|;)\s*handling\s*=\s*"?strict"?\s*(?:$|,|;)/i;

/** Whether a `Prefer` header (RFC 7240) asks for `handling=strict`: refuse the whole request for one bad item. */
export function prefersStrict(header: string | readonly string[] | undefined): boolean {
  if (header === undefined) return false;
  return STRICT.test(typeof header === 'string' ? header : header.join(','));
}
