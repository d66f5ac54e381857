import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SOURCES = path.resolve(import.meta.dirname, '..');

/**
 * Files that may begin or end a transaction, or hold a connection of the pool. Migrations have connections of their own, which
 * are closed afterwards, so a setting that they change affects no other statement.
 */
const ALLOWED = /^database\/(?:transaction|connections\/bounded-[\w-]+|schema\/schema-migrations)\.ts$/;

test('only one place begins transactions and holds connections', () => {
  const strays = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !ALLOWED.test(file))
    .filter((file) =>
      /startTransaction|rollbackTransaction|createQueryRunner|\.transaction\(|query\(\s*['"`](?:BEGIN|START|SET (?!LOCAL))/.test(
        readFileSync(path.join(SOURCES, file), 'utf8'),
      ),
    );
  expect(strays).toEqual([]);
});
