// npm run test:ledger -- [--seed N] [--cycles N] [--pushers N]: kills processes and Postgres for about ten minutes, and compares
// all counts. npm run test:ledger -- --failovers N [--seed N] [--pushers N]: replaces the primary N times by a standby that lags
// behind.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    cycles: { type: 'string' },
    failovers: { type: 'string' },
    pushers: { type: 'string' },
  },
});
const { LEDGER_SEED, LEDGER_CYCLES, LEDGER_FAILOVERS, LEDGER_PUSHERS } = process.env;

const result = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/jest/bin/jest.js'), 'ledger.e2e-spec', '--selectProjects', 'e2e', '--runInBand'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LEDGER_SEED: values.seed ?? LEDGER_SEED ?? '',
      LEDGER_CYCLES: values.cycles ?? LEDGER_CYCLES ?? '200',
      LEDGER_FAILOVERS: values.failovers ?? LEDGER_FAILOVERS ?? '',
      LEDGER_PUSHERS: values.pushers ?? LEDGER_PUSHERS ?? '',
    },
  },
);
process.exitCode = result.status ?? 1;
