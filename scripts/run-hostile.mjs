// npm run test:hostile -- [--seed N] [--minutes N] [--series N] [--only TEXT] attacks every route in every way, and measures the
// effects.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    series: { type: 'string' },
    only: { type: 'string' },
  },
});

const result = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'hostile', '--runInBand'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      HOSTILE_SEED: values.seed ?? process.env.HOSTILE_SEED ?? String(Date.now() % 1_000_000),
      HOSTILE_MINUTES: values.minutes ?? process.env.HOSTILE_MINUTES ?? '5',
      HOSTILE_SERIES: values.series ?? process.env.HOSTILE_SERIES ?? '',
      HOSTILE_ONLY: values.only ?? process.env.HOSTILE_ONLY ?? '',
    },
  },
);
process.exitCode = result.status ?? 1;
