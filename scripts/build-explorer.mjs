// Bundles the explorer, the page for browsers, into dist/explorer. The files have hashes in their names, so that browsers can keep them
// for ever, and each has its gzip form beside it, so that the server compresses nothing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'explorer');
const target = path.join(root, 'dist/explorer');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [path.join(source, 'main.tsx')],
  outdir: path.join(target, 'assets'),
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  tsconfig: path.join(source, 'tsconfig.json'),
  minify: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
});

/** Writes a file and its gzip form, and returns the size of the latter. */
function write(name, content) {
  const compressed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(path.join(target, name), content);
  writeFileSync(path.join(target, `${name}.gz`), compressed);
  return compressed.length;
}

const outputs = Object.entries(metafile.outputs);
const entry = outputs.find(([, { entryPoint }]) => entryPoint?.endsWith('main.tsx'));
const scripts = firstLoaded(entry[0]);
const style = entry[1].cssBundle;

/** Returns an output file with everything that it imports statically. The rest is loaded only when it is needed. */
function firstLoaded(file, found = new Set()) {
  found.add(file);
  for (const { path: imported, kind, external } of metafile.outputs[file].imports) {
    if (!external && kind === 'import-statement' && !found.has(imported)) firstLoaded(imported, found);
  }
  return found;
}

const page = readFileSync(path.join(source, 'index.html'), 'utf8').replace(
  '<!-- assets -->',
  [
    `<link rel="stylesheet" href="${relative(style)}" />`,
    ...[...scripts].slice(1).map((file) => `<link rel="modulepreload" href="${relative(file)}" />`),
    `<script type="module" src="${relative(entry[0])}"></script>`,
  ].join('\n    '),
);

/** Returns the path of an output file relative to the page. */
function relative(file) {
  return path.relative(target, path.join(root, file)).split(path.sep).join('/');
}

let first = write('index.html', page) + write('icon.svg', readFileSync(path.join(source, 'icon.svg')));
let later = 0;
for (const [file] of outputs) {
  const size = write(relative(file), readFileSync(path.join(root, file)));
  if (scripts.has(file) || file === style) first += size;
  else later += size;
}
write('licenses.txt', licenses());

/** Returns the licences of the packages in the bundle, which must be distributed with their code. */
function licenses() {
  const files = Object.keys(metafile.inputs);
  const names = new Set(files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
  return [...names]
    .toSorted((one, other) => one.localeCompare(other))
    .map((name) => `${name}\n\n${readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

const kibibytes = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(
  `Explorer: ${kibibytes(first)} (gzip)${later > 0 ? `, and ${kibibytes(later)} when somebody asks for it` : ''}`,
);
