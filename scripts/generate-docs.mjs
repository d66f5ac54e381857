// Writes the documents that are generated from the compiled code in dist/. With --check, it writes nothing and fails if a
// committed document differs.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.resolve(root, process.env.DIST_DIR || 'dist');

/** The OpenAPI document, after it was first requested. */
let openApiText;

/**
 * All generated documents, each with its file and a function that returns its whole text. A new document needs one more entry,
 * whose function imports the modules that it uses.
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
    render: openApi,
  },
  { file: 'explorer/api/openapi.ts', render: renderExplorerTypes },
];

/**
 * Returns the OpenAPI document. It is created only once, because creating it starts an app, whose own metrics can be registered
 * only once in a process.
 */
async function openApi() {
  openApiText ??= importCompiled('src/server/openapi/openapi-file.js').then(({ renderOpenApi }) => renderOpenApi());
  return openApiText;
}

/** Returns the types of the API for the explorer, made from its OpenAPI document. */
async function renderExplorerTypes() {
  const [{ default: openapiTypes, astToString }, prettier] = await Promise.all([
    import('openapi-typescript'),
    import('prettier'),
  ]);
  const types = astToString(await openapiTypes(JSON.parse(await openApi()), { defaultNonNullable: false }));
  const options = await prettier.resolveConfig(path.join(root, 'explorer/api/openapi.ts'));
  const text = `// Written from openapi.json by \`npm run docs:generate\`.\n\n${types}`;
  return prettier.format(text, { ...options, parser: 'typescript' });
}

/** Imports a file of the build. */
async function importCompiled(file) {
  const compiled = path.join(dist, file);
  if (!existsSync(compiled)) throw new Error(`${compiled} is missing. To build it, run: npm run build`);
  return import(pathToFileURL(compiled).href);
}

/** Returns the committed text of a document, or undefined if it does not exist yet. */
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
  console.error(`Out of date: ${differing.join(', ')}`);
  console.error('To update them, run: npm run docs:generate');
  process.exitCode = 1;
}
