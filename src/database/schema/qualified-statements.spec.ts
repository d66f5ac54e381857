import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SOURCES = path.resolve(import.meta.dirname, '../..');

/** Matches the tables, views and sequences that the migrations create, except for those of the forwarding. */
const OURS =
  'api_token|correction|explorer_session|metric|metric_rename|series|sample_writer|sample_batch|sample_chunk\\w*|sample_block\\w*|sample_merge|sample_archive|ingest_receipt|push_group_series|refusal|token_usage|metric_sample';

/**
 * Matches one of our tables without a schema after an SQL keyword that precedes a table name, or a call of one of our functions
 * without a schema.
 */
const UNQUALIFIED = new RegExp(
  `\\b(?:FROM|JOIN|INTO|TABLE|PARTITION|LIKE|(?<!FOR |KEY )UPDATE)\\s+(?:${OURS})\\b|(?<![.\\w])custom_metrics_\\w+\\(`,
);

const repositories = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.repository.ts'))
  .map((file) => [file, readFileSync(path.join(SOURCES, file), 'utf8')] as const);

test('every statement names our tables and functions with their schema', () => {
  expect(repositories.length).toBeGreaterThan(10);
  const stray = repositories.flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => (UNQUALIFIED.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(stray).toEqual([]);
});
