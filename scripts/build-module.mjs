// Assembles the npm package of the module: the compiled module and its migrations, without the server around it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transformSync } from 'esbuild';
import { nameOnlyRenamed, NODE_BUNDLE, SMALL } from './bundle-options.mjs';

const root = path.resolve(import.meta.dirname, '..');
const from = path.join(root, 'dist');
const to = path.join(root, 'module/dist');

const SWAGGER = '@nestjs/swagger';

/** Matches a property whose type is a literal string. */
const STRING_LITERAL_TYPE = /(readonly \w+): "(?:[^"\\\n]|\\.)*";/g;

/** Matches the functions that TypeScript writes into each file with decorators. The package has them once. */
const HELPER = /^var (__(?:decorate|metadata|param)) = \(this && this\.\1\) \|\| function[^]*?^\};?\n/gm;

/**
 * Matches a statement of esbuild that gives a function the name that it has already. It is needed only for functions that had to be
 * renamed in the bundle.
 */
const REDUNDANT_NAME = /(?<=[;{}\n])__name\((\w+),"\1"\);/g;

/** The decorator helpers by their names, and the names that the bundled files import from Swagger. */
const helpers = new Map();
const swaggerNames = new Set();

/** An order that does not depend on which file was read first, so that every build writes the same bytes. */
const byName = (a, b) => a.localeCompare(b);

/** Makes all files import the same decorator helpers, and Swagger from a file that knows whether it is installed. */
const sharedFiles = {
  name: 'shared-files',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@nestjs\/swagger$/ }, () => ({ path: './swagger.js', external: true }));
    onResolve({ filter: /^decorator-helpers$/ }, () => ({ path: './decorators.js', external: true }));
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      const used = [];
      const source = readFileSync(file, 'utf8');
      collectSwaggerNames(source);
      const code = source.replaceAll(HELPER, (definition, name) => {
        used.push(name);
        helpers.set(name, `export ${definition}`);
        return '';
      });
      return {
        contents: used.length === 0 ? code : `import { ${used.join(', ')} } from 'decorator-helpers';\n${code}`,
      };
    });
  },
};

const compiled = spawnSync(process.execPath, [path.join(root, 'scripts/build-if-stale.mjs')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const { exports: exported } = JSON.parse(readFileSync(path.join(root, 'module/package.json'), 'utf8'));

rmSync(to, { recursive: true, force: true });
// The package has a size limit, and an app starts faster with a few files.
await build({
  entryPoints: {
    index: path.join(from, 'src/index.js'),
    'evaluation-worker': path.join(from, 'src/queries/prometheus-api/worker/evaluation-worker.js'),
  },
  outdir: to,
  ...NODE_BUNDLE,
  splitting: true,
  packages: 'external',
  target: 'es2023',
  legalComments: 'none',
  plugins: [sharedFiles],
});
for (const file of readdirSync(to)) {
  const code = readFileSync(path.join(to, file), 'utf8');
  writeFileSync(path.join(to, file), nameOnlyRenamed(code).replaceAll(REDUNDANT_NAME, ''));
}
for (const { types } of Object.values(exported))
  if (types !== undefined) copyDeclarations(types.replace('./dist/', ''));
writeFileSync(path.join(to, 'swagger.js'), swaggerIfInstalled());
writeFileSync(
  path.join(to, 'decorators.js'),
  transformSync([...helpers.values()].toSorted(byName).join(''), SMALL).code,
);
// The module compresses these files itself, because the compressed ones would double the size of the package.
cpSync(path.join(from, 'explorer'), path.join(to, 'explorer'), {
  recursive: true,
  filter: (file) => !file.endsWith('.gz'),
});
copyFileSync(path.join(root, 'LICENSE'), path.join(root, 'module/LICENSE'));

/** Adds the names that a file imports from Swagger. */
function collectSwaggerNames(source) {
  for (const [, names] of source.matchAll(/import \{([^}]+)\} from ["']@nestjs\/swagger["']/g)) {
    for (const name of names.split(',')) if (name.trim() !== '') swaggerNames.add(name.trim());
  }
  for (const [, name] of source.matchAll(/\bopenapi\.(\w+)/g)) swaggerNames.add(name);
}

/** Copies the declarations of a file and of its imports. */
function copyDeclarations(file, copied = new Set()) {
  if (copied.has(file)) return;
  copied.add(file);
  const text = readFileSync(path.join(from, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
  // The types of settings contain the descriptions as string literals. The types of options only need them to be strings.
  const isSettings = file.endsWith('setting-groups.d.ts');
  writeFileSync(path.join(to, file), isSettings ? text.replaceAll(STRING_LITERAL_TYPE, '$1: string;') : text);
  for (const [, specifier] of text.matchAll(/(?:from|import\() ?["'](\.[^"']+)\.js["']/g)) {
    copyDeclarations(`${path.posix.join(path.dirname(file), specifier)}.d.ts`, copied);
  }
}

/** Returns a module with those exports of Swagger that the package uses. */
function swaggerIfInstalled() {
  return `import { createRequire } from 'node:module';

/** Swagger is optional: without it the decorators of controllers do nothing. */
let swagger;
try {
  swagger = createRequire(import.meta.url)('${SWAGGER}');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}
const nothing = () => () => undefined;

${[...swaggerNames]
  .toSorted(byName)
  .map((name) => `export const ${name} = swagger?.${name} ?? nothing;`)
  .join('\n')}
`;
}
