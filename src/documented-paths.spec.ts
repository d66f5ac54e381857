import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** The folders whose documents and files are examined. */
const FOLDERS = ['src', 'test', 'client', 'docs', 'explorer', 'migrations', 'scripts', 'docker', 'bench'];

/** Documents that name files of the reader's own app. */
const EXAMPLES: ReadonlySet<string> = new Set(['README.md', 'docs/module.md', 'docs/client.md', 'client/README.md']);

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
).filter((file) => !/node_modules|^client\/dist/.test(file));

const documents = ['README.md', 'CONTRIBUTING.md', ...files.filter((file) => file.endsWith('.md'))];

function read(document: string): string {
  return readFileSync(path.join(ROOT, document), 'utf8');
}

/** Returns the source files that a text names in code spans, with or without their folders. */
function namedFiles(text: string): string[] {
  return [...text.matchAll(/`([\w./@-]+\.(?:ts|mjs|hex))`/g)].map(([, file]) => file!);
}

function linkedFiles(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, file]) => file!);
}

describe('the documents', () => {
  it.each(documents)('link only to files that exist: %s', (document) => {
    const missing = linkedFiles(read(document)).filter(
      (file) => !existsSync(path.resolve(ROOT, path.dirname(document), file)),
    );
    expect(missing).toEqual([]);
  });

  it.each(documents.filter((each) => !EXAMPLES.has(each)))('name only source files that exist: %s', (document) => {
    const missing = namedFiles(read(document)).filter(
      (named) => !files.some((file) => file === named || file.endsWith(`/${named}`)),
    );
    expect(missing).toEqual([]);
  });
});
