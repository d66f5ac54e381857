import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build as bundle } from 'esbuild';

/** The program, in a folder without node_modules, so that it fails if a package is missing in the bundle. */
export const program = '../nest12-bundle-alone/main.js';

/** Optional packages that an app does not have, but that Nest tries to load. */
const ABSENT = ['@nestjs/microservices', '@nestjs/microservices/*', '@nestjs/websockets', '@nestjs/websockets/*'];

export async function build(cwd) {
  const outdir = path.resolve(cwd, path.dirname(program));
  await mkdir(outdir);
  await bundle({
    absWorkingDir: cwd,
    entryPoints: { main: 'dist/main.js', 'promql-worker': 'nestjs-custom-metrics/evaluation-worker' },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    logLevel: 'error',
    external: ABSENT,
    // Packages in CommonJS call `require`, which ES modules do not have.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
}
