// Puts together what the npm package of the module holds: the compiled module and its migrations, without the server around it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const from = path.join(root, 'dist');
const to = path.join(root, 'module/dist');

const SWAGGER = '@nestjs/swagger';

const build = spawnSync(process.execPath, [path.join(root, 'scripts/build-if-stale.mjs')], { stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);

rmSync(to, { recursive: true, force: true });
const swaggerNames = new Set();
for (const folder of ['src', 'migrations']) {
  for (const file of readdirSync(path.join(from, folder), { recursive: true })) {
    if (file.endsWith('.js') && !file.startsWith(`server${path.sep}`)) copyCode(path.join(folder, file));
  }
}
copyDeclarations('src/index.d.ts');
writeFileSync(path.join(to, 'swagger.js'), swaggerIfInstalled());
copyFileSync(path.join(root, 'LICENSE'), path.join(root, 'module/LICENSE'));

/** Copies a file without comments, and with decorators of Swagger that do nothing where Swagger is not installed. */
function copyCode(file) {
  const target = path.join(to, file);
  const source = readFileSync(path.join(from, file), 'utf8');
  for (const [, names] of source.matchAll(/import \{([^}]+)\} from ["']@nestjs\/swagger["']/g)) {
    for (const name of names.split(',')) if (name.trim() !== '') swaggerNames.add(name.trim());
  }
  for (const [, name] of source.matchAll(/\bopenapi\.(\w+)/g)) swaggerNames.add(name);
  const swagger = path.relative(path.dirname(target), path.join(to, 'swagger.js')).split(path.sep).join('/');
  const { code } = transformSync(source, { format: 'esm', target: 'es2023', legalComments: 'none' });
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, code.replaceAll(/(["'])@nestjs\/swagger\1/g, `'${swagger}'`));
}

/** Copies the declarations of a file, and of what they import. */
function copyDeclarations(file, copied = new Set()) {
  if (copied.has(file)) return;
  copied.add(file);
  const text = readFileSync(path.join(from, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
  writeFileSync(path.join(to, file), text);
  for (const [, specifier] of text.matchAll(/(?:from|import\() ?["'](\.[^"']+)\.js["']/g)) {
    copyDeclarations(`${path.posix.join(path.dirname(file), specifier)}.d.ts`, copied);
  }
}

/** A module with the exports of Swagger that are used here. */
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
  .toSorted((a, b) => a.localeCompare(b))
  .map((name) => `export const ${name} = swagger?.${name} ?? nothing;`)
  .join('\n')}
`;
}
