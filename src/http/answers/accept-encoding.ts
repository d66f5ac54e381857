/**
 * Returns whether a client accepts an answer that is compressed with gzip, according to its `Accept-Encoding` header (RFC 9110,
 * section 12.5.3). The header must list gzip or `*` with a quality other than 0. If it lists both, gzip decides.
 */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined || header.length > MAX_LENGTH) return false;
  let ofAny = false;
  for (const part of header.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const isAccepted = !parameters.some((parameter) => REFUSED.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return isAccepted;
    if (coding === '*') ofAny = isAccepted;
  }
  return ofAny;
}

/** Longer headers are ignored. Browsers send about twenty characters. */
const MAX_LENGTH = 1_000;

/** Matches a quality of 0, with which a client refuses a coding. */
const REFUSED = /^q=0(?:\.0{0,3})?$/;
