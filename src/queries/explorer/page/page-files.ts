import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { INDEX } from './page-folder.js';

/** A file of the page, ready to be sent. */
export interface PageFile {
  readonly contentType: string;
  readonly identity: Buffer;
  readonly gzip: Buffer;
  /** True if the name contains a hash of the content, so that a browser can keep the file forever. */
  readonly isImmutable: boolean;
}

/** The files of the page, keyed by their paths relative to the page, with forward slashes. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Matches names with the hash that the bundler adds, like `main-JOQCOQSR.js`. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;

/** Matches the API's URL in the page, which is relative to the page. */
const API_BASE = /(<meta name="api-base" content=")[^"]*(")/;

const compress = promisify(gzip);

/**
 * Reads all files of the page. They stay in memory, so no request can reach any other file.
 *
 * @param apiBase the URL of the API, relative to the page
 */
export async function readPageFiles(folder: string, apiBase: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.gz'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  const files = await Promise.all(
    names.map(async (name) => [name, await readPageFile(path.join(folder, name), name, apiBase)] as const),
  );
  return new Map(files);
}

async function readPageFile(file: string, name: string, apiBase: string): Promise<PageFile> {
  const stored = await readFile(file);
  const identity = name === INDEX ? Buffer.from(stored.toString().replace(API_BASE, `$1${apiBase}$2`)) : stored;
  return {
    contentType: CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream',
    identity,
    gzip: identity.equals(stored) ? await compressed(file, identity) : await compress(identity),
    isImmutable: HASHED.test(name),
  };
}

/**
 * Returns the compressed content. The build of the server writes a compressed copy beside the file. Without such a copy, as in
 * the package of the module, the content is compressed here.
 */
async function compressed(file: string, identity: Buffer): Promise<Buffer> {
  try {
    return await readFile(`${file}.gz`);
  } catch {
    return compress(identity);
  }
}
