import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** The folders whose documents and files are examined. */
const FOLDERS = ['src', 'test', 'client', 'docs', 'explorer', 'migrations', 'scripts', 'docker', 'bench'];

/** Documents that name files of the reader's own app. */
const EXAMPLES: ReadonlySet<string> = new Set(['README.md', 'docs/module.md', 'docs/client.md', 'client/README.md']);

const files = [
  ...readdirSync(ROOT).filter((file) => /\.(?:mjs|cjs)$/.test(file)),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  ),
].filter((file) => !/node_modules|^client\/dist/.test(file));

const documents = ['README.md', 'CONTRIBUTING.md', ...files.filter((file) => file.endsWith('.md'))];

function read(document: string): string {
  return readFileSync(path.join(ROOT, document), 'utf8');
}

/** Matches a code span with a source file, with or without its folders. */
const FILE = String.raw`\x60([\w./@-]+\.(?:tsx?|mjs|cjs|hex))\x60`;

/** Matches a code span with an identifier, such as `isVisible`, `LiveValues.apply` or `start()`. */
const IDENTIFIER = String.raw`\x60[A-Za-z_$][\w$.]*(?:\(\))?\x60`;

/** Matches one or several identifiers and the file that a text says they are in. */
const IDENTIFIERS_OF_FILE = new RegExp(
  String.raw`(${IDENTIFIER}(?:(?:,|,? and|,? or) ${IDENTIFIER})*),? (?:in|of|by) ${FILE}`,
  'g',
);

/** Returns the source files that a text names in code spans. */
function namedFiles(text: string): string[] {
  return [...text.matchAll(new RegExp(FILE, 'g'))].map(([, file]) => file!);
}

function filesNamed(named: string): string[] {
  return files.filter((file) => file === named || file.endsWith(`/${named}`));
}

/** Returns the phrases of a text that name an existing file and identifiers that it does not contain. */
function misplacedIdentifiers(text: string): string[] {
  return [...text.replaceAll(/\s+/g, ' ').matchAll(IDENTIFIERS_OF_FILE)].flatMap(([phrase, spans, named]) => {
    const found = filesNamed(named!).map((file) => read(file));
    const identifiers = [...spans!.matchAll(/[\w$]+/g)].map(([identifier]) => identifier);
    return found.length === 0 || found.some((source) => hasWords(source, identifiers)) ? [] : [phrase];
  });
}

function hasWords(source: string, words: readonly string[]): boolean {
  const found = new Set(source.match(/[\w$]+/g));
  return words.every((word) => found.has(word));
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
    const missing = namedFiles(read(document)).filter((named) => filesNamed(named).length === 0);
    expect(missing).toEqual([]);
  });

  it.each(documents)('say of no identifier that it is in a file that does not contain it: %s', (document) => {
    expect(misplacedIdentifiers(read(document))).toEqual([]);
  });
});

describe('a text that names an identifier of a file', () => {
  it.each([
    '`FOLDERS` in `src/documented-paths.spec.ts`',
    '`FOLDERS`, `EXAMPLES` and `path.join` of\n`documented-paths.spec.ts`',
    '`none` in `a-file-of-the-reader.ts`',
  ])('is accepted: %s', (text) => expect(misplacedIdentifiers(text)).toEqual([]));

  it.each(['`ROOMS` in `jest.config.mjs`', '`ROOMS` and `FOLDERS` of `.dependency-cruiser.cjs`'])(
    'is refused: %s',
    (text) => expect(misplacedIdentifiers(text)).toEqual([text]),
  );
});
