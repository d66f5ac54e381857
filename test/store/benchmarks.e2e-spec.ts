import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * The benchmarks open the store without Nest, so they name the constructors of its classes. No other test would notice that one of them
 * has changed.
 */
describe('the store of the benchmarks', () => {
  test('writes, compacts, merges and reads samples', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/run.mjs', 'read', '20'], {
      cwd: ROOT,
      env: { ...process.env, BENCH_DATABASE_URL: process.env.TEST_POSTGRES_URL },
      timeout: 120_000,
    });
    expect(stdout.match(/M samples\/s/g)).toHaveLength(4);
  });
});
