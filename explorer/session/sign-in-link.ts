import { route } from '../router/location.js';
import { parseHash } from '../router/route.js';

const START = '#/signin/';

/**
 * Takes the secret of a link that signs in out of the address, and returns null if there is none. The address forgets it before anybody
 * uses it, so that neither the history of the browser nor a copied address has it.
 */
export function takeLinkSecret(): string | null {
  const { hash } = location;
  if (!hash.startsWith(START)) return null;
  const secret = hash.slice(START.length).split('?')[0] ?? '';
  history.replaceState(null, '', '#/');
  route.value = parseHash('#/');
  return secret === '' ? null : secret;
}
