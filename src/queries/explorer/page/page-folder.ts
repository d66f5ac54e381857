import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file without which a folder is not that of the page. */
export const INDEX = 'index.html';

/**
 * The folder of the page relative to the running code: beside the bundle of the package, beside the folder of the server's bundle, and for
 * code that is not bundled, in `dist`.
 */
const PLACES = ['./explorer/', '../explorer/', '../../../../explorer/', '../../../../dist/explorer/'];

/**
 * Finds the files of the page.
 *
 * @param given the folder that the app names, as a path or a `file:` URL
 * @returns undefined if there is no such folder
 */
export function findPageFolder(given: string | undefined): string | undefined {
  const folders =
    given === undefined
      ? PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
      : [given.startsWith('file:') ? fileURLToPath(given) : path.resolve(given)];
  return folders.find((folder) => existsSync(path.join(folder, INDEX)));
}
