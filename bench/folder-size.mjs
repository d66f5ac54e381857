import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** @returns the bytes of all files in a folder and its subfolders */
export function sizeOfFolder(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
