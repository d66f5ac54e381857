import { setTimeout as sleep } from 'node:timers/promises';
import { checkArrived, ForwardingUnderFaults } from '../support/forwarding-faults.js';
import { SeededRandom } from '../support/seeded-random.js';
import { createWriteTarget, isTargetInstalled, type TargetProgram } from '../support/write-targets.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20261130);
const CYCLES = Number(process.env.FORWARDING_CYCLES ?? 50);

/** A cycle waits until a process forwards, which takes up to 15 s after the former one was killed. */
const LIMIT_MS = 600_000 + CYCLES * 60_000;

/** The time before the first crash, so that a killed VictoriaMetrics has stored the 0 with which each counter begins. */
const CALM_MS = 15_000;

/** A killed VictoriaMetrics loses the samples of the last seconds, although it has accepted them. Totals survive that. */
const KEEPS_ALL: Readonly<Record<TargetProgram, boolean>> = { prometheus: true, 'victoria-metrics': false };

describe.each(['prometheus', 'victoria-metrics'] as const)('the forwarding to %s', (program) => {
  const isInstalled = isTargetInstalled(program);
  const itInstalled = isInstalled ? it : it.skip;

  itInstalled(
    `loses and doubles nothing in ${CYCLES} crashes${isInstalled ? '' : ' (skipped: not installed)'}`,
    async () => {
      const run = new ForwardingUnderFaults(await createWriteTarget(program), new SeededRandom(SEED));
      const faults: string[] = [];
      try {
        await run.start();
        await sleep(CALM_MS);
        for (let cycle = 0; cycle < CYCLES; cycle++) faults.push(await run.cycle());
        const compared = checkArrived(await run.settle(), KEEPS_ALL[program]);
        process.stderr.write(`${program}, seed ${SEED}, ${CYCLES} crashes (${countsOf(faults)}): ${compared}\n`);
      } catch (error) {
        throw new Error(`seed ${SEED}, killed: ${faults.join('; ')}`, { cause: error });
      } finally {
        await run.stop();
      }
    },
    LIMIT_MS,
  );
});

function countsOf(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Array.from(counts, ([text, count]) => `${count} × ${text}`).join('; ');
}
