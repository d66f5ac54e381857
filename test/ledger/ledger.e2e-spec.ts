import { LedgerRun } from './ledger-run.js';
import { readLedgerSettings } from './settings.js';

/**
 * No sample may be lost, doubled or shown differently, whichever processes are killed.
 *
 * The short form has one fault of each kind, a new seed every time, and no failover. `npm run test:ledger -- --seed 7 --cycles
 * 200` repeats a run: the seed decides which fault happens when and what is pushed, while the machine decides the timing.
 */
describe('the ledger', () => {
  const settings = readLedgerSettings(process.env);
  const isWatched = process.env.LEDGER_SEED !== undefined;
  // Jest's console would put a stack under each line.
  const print = (line: string) => process.stderr.write(`${line}\n`);
  let run: LedgerRun | undefined;

  afterAll(async () => {
    await run?.stop();
  });

  test(
    `of ${settings.cycles} ${settings.failovers > 0 ? 'failovers' : 'faults'} with seed ${settings.seed}: acknowledged is stored, once, and shown the same everywhere`,
    async () => {
      run = await LedgerRun.start(settings, isWatched ? print : () => undefined);
      await run.go();
      if (isWatched) print(run.summary());
    },
    240_000 + settings.cycles * 30_000,
  );
});
