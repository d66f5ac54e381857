import { computed, signal } from '@preact/signals';
import { formatHash, parseHash, withParams, type Page, type Route } from './route.js';

/** The page and the parameters in the current address. */
export const route = signal<Route>(parseHash(location.hash));

/** The page that the address shows now. */
export const page = computed(() => route.value.page);

/** Follows the address from now on: the buttons of the browser, links, and addresses that a person types. */
export function followAddress(): void {
  addEventListener('hashchange', readAddress);
  addEventListener('popstate', readAddress);
}

function readAddress(): void {
  if (formatHash(route.peek().page, route.peek().params) !== location.hash) route.value = parseHash(location.hash);
}

/** Changes the address. With `replace`, which typing uses, the browser's history gets no new entry. */
export function navigate(hash: string, { replace = false } = {}): void {
  if (hash !== location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', hash);
  route.value = parseHash(hash);
}

/** Changes some parameters of the page that is shown. */
export function setParams(
  changes: Record<string, string | readonly string[] | null | undefined>,
  options?: { replace?: boolean },
): void {
  const { page, params } = route.peek();
  navigate(formatHash(page, withParams(params, changes)), options);
}

/** Goes to a page with the given parameters. */
export function show(page: Page, params: URLSearchParams, options?: { replace?: boolean }): void {
  navigate(formatHash(page, params), options);
}
