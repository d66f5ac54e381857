import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const DIST = path.resolve(import.meta.dirname, '../..', process.env.DIST_DIR ?? 'dist');

/** A program that loads a bundle in the way of the server, and prints what a function of it returns. */
const LOADER = `
  const { Bundle } = await import(${JSON.stringify(pathToFileURL(path.join(DIST, 'src/server/bundle/bundle.js')).href)});
  const bundle = new Bundle(process.argv[1]);
  console.log(bundle.load().answer());
  bundle.keepCompiledCode();`;

describe('a bundle', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'custom-metrics-bundle-'));
    file = path.join(folder, 'program.cjs');
    write(`export const answer = (): string => 'one';`);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Makes the bundle of a source, with the wrapping of `scripts/bundle-server.mjs`. */
  function write(source: string): void {
    writeFileSync(path.join(folder, 'program.ts'), source);
    buildSync({
      entryPoints: [path.join(folder, 'program.ts')],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minifyWhitespace: true,
      sourcemap: true,
      banner: { js: `(function (exports, require, module, __filename, __dirname) { 'use strict';` },
      footer: { js: '})' },
    });
  }

  function run(...options: string[]): string {
    const args = [...options, '--input-type=module', '--eval', LOADER, file];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trim();
  }

  const kept = () => readdirSync(folder).filter((name) => name.endsWith('.code'));
  const keptFile = () => path.join(folder, kept()[0]!);

  it('keeps its compiled code in the first start, and the others use it', () => {
    expect(run()).toBe('one');
    expect(kept()).toHaveLength(1);
    const { mtimeMs, ino } = statSync(keptFile());
    expect(run()).toBe('one');
    // A start that could not use the code would have replaced the file.
    expect(statSync(keptFile())).toMatchObject({ mtimeMs, ino });
  });

  it('imports packages without a warning of Node.js', () => {
    write(`const name = 'node:path'; export const answer = (): string => (void import(name), 'imports');`);
    expect(run()).toBe('imports');
  });

  it('does not run the code of another source, even of one with the same length', () => {
    expect(run()).toBe('one');
    write(`export const answer = (): string => 'two';`);
    expect(run()).toBe('two');
    expect(run()).toBe('two');
  });

  it.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is cut off', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['has a wrong byte', (code: Buffer) => code.with(code.length - 40, code.at(-40)! ^ 1)],
  ] as [string, (code: Buffer) => Uint8Array][])('replaces a file of compiled code that %s', (_, damage) => {
    run();
    const code = readFileSync(keptFile());
    writeFileSync(keptFile(), damage(code));
    expect(run()).toBe('one');
    expect(statSync(keptFile()).size).toBe(code.length);
    expect(readFileSync(keptFile()).equals(Buffer.from(damage(code)))).toBe(false);
  });

  it('keeps the code of a few combinations of options, and removes the oldest', () => {
    for (let size = 1; size <= 5; size++) {
      expect(run(`--max-semi-space-size=${size * 8}`)).toBe('one');
      for (const name of kept()) {
        const at = path.join(folder, name);
        utimesSync(at, new Date(), new Date(statSync(at).mtimeMs - 10_000));
      }
    }
    expect(kept()).toHaveLength(4);
  });

  it('runs although nothing can be kept', () => {
    run();
    const name = keptFile();
    rmSync(name);
    // A folder of this name can't be replaced by a file.
    buildSync({ stdin: { contents: '1' }, outfile: path.join(name, 'file.js') });
    expect(run()).toBe('one');
    expect(statSync(name).isDirectory()).toBe(true);
    expect(readdirSync(folder).filter((each) => each.startsWith('program.cjs.'))).toHaveLength(2);
  });

  it('shows the lines of its sources in stack traces, with new and with kept code', () => {
    write(
      `interface Nothing {}\n\nexport function answer(_?: Nothing): string | undefined {\n  return new Error('of a test').stack;\n}`,
    );
    const place = path.join(folder, 'program.ts:4');
    expect(run('--enable-source-maps')).toContain(place);
    expect(kept()).toHaveLength(1);
    expect(run('--enable-source-maps')).toContain(place);
    expect(run()).toContain('program.cjs:');
  });
});
