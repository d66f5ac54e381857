import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { findPageFolder } from './page-folder.js';
import { readPageFiles } from './page-files.js';

const PAGE = '<!doctype html><meta name="api-base" content="../" /><script src="assets/main-ABCDEF12.js"></script>';

describe('the files of the explorer', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'explorer-'));
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), PAGE);
    writeFileSync(path.join(folder, 'index.html.gz'), gzipSync(PAGE));
    writeFileSync(path.join(folder, 'assets/main-ABCDEF12.js'), 'code');
    writeFileSync(path.join(folder, 'assets/plain.js'), 'other code');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('are all of the folder, each with its type, and immutable only with a hash in the name', async () => {
    const files = await readPageFiles(folder, '../');
    const properties = [...files].map(([name, { contentType, isImmutable }]) => [name, contentType, isImmutable]);
    expect(properties.toSorted((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))).toEqual([
      ['assets/main-ABCDEF12.js', 'text/javascript; charset=utf-8', true],
      ['assets/plain.js', 'text/javascript; charset=utf-8', false],
      ['index.html', 'text/html; charset=utf-8', false],
    ]);
    for (const { identity, gzip } of files.values()) expect(gunzipSync(gzip)).toEqual(identity);
  });

  it('are sent compressed as the build has compressed them', async () => {
    const compressed = gzipSync('code', { level: 1 });
    writeFileSync(path.join(folder, 'assets/main-ABCDEF12.js.gz'), compressed);
    const files = await readPageFiles(folder, '../');
    expect(files.get('assets/main-ABCDEF12.js')!.gzip).toEqual(compressed);
  });

  it('name the API where the app has it, in both forms of the page', async () => {
    const { identity, gzip } = (await readPageFiles(folder, '../../')).get('index.html')!;
    expect(identity.toString()).toContain('<meta name="api-base" content="../../" />');
    expect(gunzipSync(gzip)).toEqual(identity);
  });

  it('do not include what a symbolic link leads to', async () => {
    symlinkSync(import.meta.filename, path.join(folder, 'link.txt'));
    expect([...(await readPageFiles(folder, '../')).keys()]).not.toContain('link.txt');
  });

  it('are found in the folder that is named, as a path or a URL, if the page is there', () => {
    expect(findPageFolder(folder)).toBe(folder);
    expect(findPageFolder(pathToFileURL(folder).href)).toBe(folder);
    expect(findPageFolder(path.join(folder, 'assets'))).toBeUndefined();
  });
});
