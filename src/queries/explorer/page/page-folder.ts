import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The page itself. A folder that contains this file is taken for the folder of the page. */
export const INDEX = 'index.html';

/**
 * Folders that can contain the page, relative to the running code. The first is beside the bundle of the package, the second
 * beside the folder of the server's bundle, and the others are in `dist`, for code that is not bundled.
 */
const PLACES = ['./explorer/', '../explorer/', '../../../../explorer/', '../../../../dist/explorer/'];

/**
 * Finds the folder with the files of the page.
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
