import { checkArrived, ForwardingUnderFaults } from '../support/forwarding-faults.js';
import { SeededRandom } from '../support/seeded-random.js';
import { createWriteTarget, isTargetInstalled, type TargetProgram } from '../support/write-targets.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20261130);
const CYCLES = Number(process.env.FORWARDING_CYCLES ?? 50);
const LIMIT_MS = 1_800_000;

/** A killed VictoriaMetrics loses the samples of the last second, although it has accepted them. Totals survive that. */
const KEEPS_ALL: Readonly<Record<TargetProgram, boolean>> = { prometheus: true, 'victoria-metrics': false };

describe.each(['prometheus', 'victoria-metrics'] as const)('the forwarding to %s', (program) => {
  const isInstalled = isTargetInstalled(program);
  const itInstalled = isInstalled ? it : it.skip;

  itInstalled(
    `loses and doubles nothing in ${CYCLES} crashes${isInstalled ? '' : ' (skipped: not installed)'}`,
    async () => {
      const random = new SeededRandom(SEED);
      const run = new ForwardingUnderFaults(await createWriteTarget(program), random);
      const victims: string[] = [];
      try {
        await run.start();
        for (let cycle = 0; cycle < CYCLES; cycle++) victims.push(await run.cycle());
        checkArrived(await run.settle(), KEEPS_ALL[program]);
      } catch (error) {
        throw new Error(`seed ${SEED}, killed: ${victims.join(', ')}`, { cause: error });
      } finally {
        await run.stop();
      }
    },
    LIMIT_MS,
  );
});
