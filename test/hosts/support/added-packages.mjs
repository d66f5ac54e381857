import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { install, sizeOf } from './npm.mjs';

const PLAIN_APP = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/typeorm',
  'typeorm',
  'pg',
  'reflect-metadata',
  'rxjs',
];

/** The packages that the module requires in addition to a plain app of Nest, TypeORM and pg. */
const WITH_THE_MODULE = ['@willsoto/nestjs-prometheus', 'prom-client', 'class-validator', 'class-transformer'];

/** Maximum number of added packages. Whoever adds the module must download and audit them. */
const MAX_PACKAGES = 25;

/**
 * Packages that do not count against the limit of bytes. Most Nest apps have them already, and their tables of phone numbers
 * and texts are larger than all the rest.
 */
const VALIDATION = ['class-validator', 'class-transformer', 'libphonenumber-js', 'validator', '@types/validator'];

const MAX_BYTES = 15_000_000;

/** Prints how much the module adds to a plain app, and throws if that is too much. */
export async function reportAddedPackages(cwd, tarball) {
  await mkdir(cwd);
  await writeFile(path.join(cwd, 'package.json'), '{ "private": true }');
  await install(cwd, PLAIN_APP);
  const before = await sizeOf(cwd);
  await install(cwd, [tarball, ...WITH_THE_MODULE]);
  const added = [...(await sizeOf(cwd))].filter(([place]) => !before.has(place)).toSorted(([, a], [, b]) => b - a);
  const bytes = added.reduce((sum, [, each]) => sum + each, 0);
  const isValidation = ([place]) => VALIDATION.includes(place.replace('node_modules/', ''));
  const rest = added.filter((each) => !isValidation(each)).reduce((sum, [, each]) => sum + each, 0);
  console.log(
    `Added to a plain app: ${added.length} packages, ${megabytes(bytes)}; without class-validator, ${megabytes(rest)}.`,
  );
  for (const [place, each] of added.slice(0, 8))
    console.log(`  ${megabytes(each)} ${place.replace('node_modules/', '')}`);
  if (added.length > MAX_PACKAGES || rest > MAX_BYTES) {
    throw new Error(`The limits are ${MAX_PACKAGES} packages, and ${megabytes(MAX_BYTES)} without class-validator.`);
  }
}

function megabytes(bytes) {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
