/** The allowed paths of a page, as a noun phrase. */
export const ALLOWED_PAGE_PATHS =
  'up to 100 letters, digits and `._~-`, in parts that slashes separate, without a slash at either end';

const PAGE_PATH = /^[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*$/;
const MAX_LENGTH = 100;

/**
 * Returns whether a text can be the path of a page, so that neither Express nor a browser gives any part of it a special meaning.
 */
export function isPagePath(text: string): boolean {
  return text.length <= MAX_LENGTH && PAGE_PATH.test(text);
}

const RELATIVE_URL = /^(?:\.{1,2}\/|\/)[\w./~-]*$/;

/** Returns whether a text is the path of a folder, relative to a page or to the origin, that leads to no other origin. */
export function isRelativeUrl(text: string): boolean {
  return text.length <= MAX_LENGTH && RELATIVE_URL.test(text) && text.endsWith('/') && !text.startsWith('//');
}
