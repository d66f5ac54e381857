import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { install } from './npm.mjs';

/** The packages that our declarations import. */
const PEERS = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@nestjs/typeorm', 'typeorm'];

/** The other packages that an app installs. */
const OTHERS = [
  '@willsoto/nestjs-prometheus',
  'prom-client',
  'class-validator',
  'class-transformer',
  'pg',
  'reflect-metadata',
  'rxjs',
];
const TYPES = ['@types/node@20', '@types/express@5', '@types/pg@8', 'typescript@5.9'];

const OWN_FOLDER = 'node_modules/nestjs-custom-metrics/';

const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node10: { module: 'commonjs', moduleResolution: 'node10' },
};

/**
 * Compiles a file that uses every public export, in strict mode and with a check of all declarations, once for each way in
 * which TypeScript resolves packages. An error is allowed only if it also occurs without our package.
 */
export async function checkDeclarations(cwd, tarball) {
  await mkdir(cwd);
  await writeFile(path.join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
  await install(cwd, [tarball, ...PEERS, ...OTHERS, ...TYPES]);
  const index = await readFile(path.join(cwd, OWN_FOLDER, 'dist/src/index.d.ts'), 'utf8');
  await writeFile(path.join(cwd, 'with.ts'), everythingOf(index));
  await writeFile(
    path.join(cwd, 'without.ts'),
    PEERS.map((name, at) => `export * as p${at} from '${name}';`).join('\n'),
  );
  for (const [name, options] of Object.entries(RESOLUTIONS)) {
    const without = new Set(await errorsOf(cwd, name, options, 'without.ts'));
    const errors = await errorsOf(cwd, name, options, 'with.ts');
    const ours = errors.filter((error) => !without.has(error));
    if (ours.length > 0)
      throw new Error(`With ${name}, TypeScript finds errors in our declarations:\n${ours.join('\n')}`);
    console.log(
      `Declarations with ${name}: no errors of ours${errors.length > 0 ? `, ${errors.length} of ${packagesOf(errors)}` : ''}.`,
    );
  }
}

/** Returns a program that mentions every exported name, as a value or as a type. */
function everythingOf(index) {
  const values = [];
  const types = [];
  for (const [, isTypes, names] of index.matchAll(/export (type )?\{([^}]*)\}/g)) {
    for (const name of names
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean)) {
      const isType = isTypes !== undefined || name.startsWith('type ');
      const exported = name
        .replace(/^type /, '')
        .split(' as ')
        .at(-1);
      (isType ? types : values).push(exported);
    }
  }
  return [
    `import { ${values.join(', ')} } from 'nestjs-custom-metrics';`,
    `import type { ${types.join(', ')} } from 'nestjs-custom-metrics';`,
    `import 'nestjs-custom-metrics/evaluation-worker';`,
    `export const values: unknown[] = [${values.join(', ')}];`,
    `export interface Types { ${types.map((name) => `${name}: ${name}`).join('; ')} }`,
    `export const module = CustomMetricsModule.forRootAsync({ useFactory: () => ({ store: { retentionDays: 30 } }) });`,
  ].join('\n');
}

async function errorsOf(cwd, name, options, file) {
  const config = {
    compilerOptions: {
      ...options,
      target: 'es2023',
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      esModuleInterop: true,
      noEmit: true,
      types: ['node'],
    },
    files: [file],
  };
  const configFile = path.join(cwd, `tsconfig.${name}.${file}.json`);
  await writeFile(configFile, JSON.stringify(config));
  const { stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', configFile, '--pretty', 'false'],
    { cwd, encoding: 'utf8' },
  );
  return stdout.split('\n').filter((line) => /error TS\d+/.test(line));
}

function packagesOf(errors) {
  return [...new Set(errors.map((error) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(error)?.[1] ?? error))].join(', ');
}
