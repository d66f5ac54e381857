import { route } from '../router/location.js';
import { parseHash } from '../router/route.js';

const START = '#/signin/';

/**
 * Removes the secret of a sign-in link from the address and returns it, or null if there is none. It is removed before it is
 * used, so that neither the history of the browser nor a copied address contains it.
 */
export function takeLinkSecret(): string | null {
  const { hash } = location;
  if (!hash.startsWith(START)) return null;
  const secret = hash.slice(START.length).split('?')[0] ?? '';
  history.replaceState(null, '', '#/');
  route.value = parseHash('#/');
  return secret === '' ? null : secret;
}
