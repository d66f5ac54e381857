import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import { CUSTOM_METRICS_ENTITIES } from '../../custom-metrics.entities.js';

const SOURCES = path.resolve(import.meta.dirname, '../..');

const MIGRATIONS = path.resolve(SOURCES, '../migrations');

/**
 * Every table, view and sequence that the migrations create. A migration that creates several tables by one statement names them only
 * where it drops them again.
 */
const ours = new Set(
  readdirSync(MIGRATIONS).flatMap((file) =>
    [
      ...readFileSync(path.join(MIGRATIONS, file), 'utf8').matchAll(/\b(?:CREATE|DROP) (?:TABLE|VIEW|SEQUENCE) (\w+)/g),
    ].map(([, name]) => name!),
  ),
);

/**
 * Matches one of our tables, or one of its partitions, without a schema after an SQL keyword that precedes a table name, or a call
 * of one of our functions without a schema.
 */
const UNQUALIFIED = new RegExp(
  `\\b(?:FROM|JOIN|INTO|TABLE|PARTITION|LIKE|(?<!FOR |KEY )UPDATE)\\s+(?:${[...ours].join('|')})(?:_\\w*)?\\b|(?<![.\\w])custom_metrics_\\w+\\(`,
);

const repositories = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.repository.ts'))
  .map((file) => [file, readFileSync(path.join(SOURCES, file), 'utf8')] as const);

test('the migrations name all tables of the entities', () => {
  const tables = getMetadataArgsStorage().tables.map(({ name }) => name);
  expect(tables).toHaveLength(CUSTOM_METRICS_ENTITIES.length);
  expect([...ours]).toEqual(expect.arrayContaining(tables));
});

test('every statement names our tables and functions with their schema', () => {
  expect(repositories.length).toBeGreaterThan(10);
  const stray = repositories.flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => (UNQUALIFIED.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(stray).toEqual([]);
});
