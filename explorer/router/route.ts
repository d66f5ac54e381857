/** The pages, as the hash names them. The page `metrics` has the empty path. */
export const PAGES = ['metrics', 'explore', 'connect', 'health', 'tokens'] as const;

/** The name of a page. */
export type Page = (typeof PAGES)[number];

/** The content of the address's hash: a page and its parameters. */
export interface Route {
  page: Page;
  params: URLSearchParams;
}

/** Parameters that stay when a person goes from one page to another. */
const LASTING = ['from', 'to', 'tz', 'cmp', 'live'];

/** Reads the hash. Unknown parts mean the default, so that old and damaged links still show something. */
export function parseHash(hash: string): Route {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?');
  const page = PAGES.find((name) => name === path) ?? 'metrics';
  return { page, params: new URLSearchParams(query) };
}

/** Writes the hash of a page. */
export function formatHash(page: Page, params: URLSearchParams): string {
  // People read and edit links, so colons, commas and slashes are not escaped. A hash may contain them.
  const query = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/');
  return `#/${page === 'metrics' ? '' : page}${query ? `?${query}` : ''}`;
}

/** Returns the hash of another page, which keeps the range and the other settings of the header. */
export function hashOfPage(page: Page, current: URLSearchParams, more: Record<string, string> = {}): string {
  const params = new URLSearchParams();
  for (const name of LASTING) {
    const value = current.get(name);
    if (value !== null) params.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) params.set(name, value);
  return formatHash(page, params);
}

/**
 * Returns parameters with some of them changed. An empty text, null or undefined removes a parameter, because a missing parameter
 * means the default.
 */
export function withParams(
  params: URLSearchParams,
  changes: Record<string, string | readonly string[] | null | undefined>,
): URLSearchParams {
  const changed = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    changed.delete(name);
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) {
      if (each !== '') changed.append(name, each);
    }
  }
  return changed;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
