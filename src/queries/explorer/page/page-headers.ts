/**
 * The headers of the page and its files. The page shows texts that anybody with a token may have pushed. The headers therefore
 * allow it to load only its own files and to send requests only to its own server, and they keep texts from becoming code or
 * markup.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/** Lets browsers keep a file whose name changes with its content. */
export const KEEP_FOR_EVER = 'public, max-age=31536000, immutable';

/** Makes browsers revalidate a file each time. */
export const ASK_AGAIN = 'no-cache';
