import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ADVISORY_LOCKS } from './advisory-locks.js';

const SOURCES = path.resolve(import.meta.dirname, '..');

test('every advisory lock has its own number', () => {
  const ids = Object.values(ADVISORY_LOCKS);
  expect(new Set(ids).size).toBe(ids.length);
});

test('locks that older versions use keep their numbers', () => {
  expect(ADVISORY_LOCKS).toMatchObject({
    migration: 7_203_117_000,
    archive: 7_203_117_001,
    removedSamples: 7_203_117_010,
  });
});

test('no other file contains a lock number', () => {
  const strays = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/advisory-locks\.(?:spec\.)?ts$/.test(file))
    .filter((file) => /7_?203_?117|advisory\w*\(\s*\d/.test(readFileSync(path.join(SOURCES, file), 'utf8')));
  expect(strays).toEqual([]);
});
