// Writes the documents that are generated from the code, out of the compiled code in dist/.
// With --check it writes nothing and fails if a committed document differs.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.resolve(root, process.env.DIST_DIR || 'dist');

/**
 * Every generated document: the file, and a function that returns its whole text.
 * A new one (an `openapi.json`, say) is one more entry here; import what it needs inside its function.
 *
 * @type {{ file: string, render: () => Promise<string> }[]}
 */
const documents = [
  {
    file: '.env.example',
    render: async () => (await importCompiled('src/server/config/settings-reference.js')).renderEnvExample(),
  },
  {
    file: 'docs/settings.md',
    render: async () => (await importCompiled('src/server/config/settings-reference.js')).renderSettingsMarkdown(),
  },
  {
    file: 'openapi.json',
    render: async () => (await importCompiled('src/server/openapi/openapi-file.js')).renderOpenApi(),
  },
];

/** Imports a file of the build. */
async function importCompiled(file) {
  const compiled = path.join(dist, file);
  if (!existsSync(compiled)) throw new Error(`${compiled} is missing. To build it, run: npm run build`);
  return import(pathToFileURL(compiled).href);
}

/** The committed text of a document, or nothing if there is none yet. */
async function readCommitted(file) {
  return readFile(path.join(root, file), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

const isCheck = process.argv.includes('--check');
const differing = [];
for (const { file, render } of documents) {
  const text = await render();
  if ((await readCommitted(file)) === text) continue;
  differing.push(file);
  if (!isCheck) await writeFile(path.join(root, file), text);
}

if (!isCheck) {
  console.log(differing.length > 0 ? `Written: ${differing.join(', ')}` : 'Everything is up to date.');
} else if (differing.length > 0) {
  console.error(`Not what the code says: ${differing.join(', ')}`);
  console.error('To mend it, run: npm run docs:generate');
  process.exitCode = 1;
}
