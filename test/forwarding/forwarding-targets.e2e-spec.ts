import { checkArrived, ForwardingUnderFaults } from '../support/forwarding-faults.js';
import { SeededRandom } from '../support/seeded-random.js';
import { createWriteTarget, isTargetInstalled } from '../support/write-targets.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20261130);
/** The last one waits until the lease of the killed process has ended. forwarding-faults.e2e-spec.ts has many more, in any order. */
const FAULTS = ['Postgres', 'target, then forwarder'] as const;

const hasPrometheus = isTargetInstalled('prometheus');
const itPrometheus = hasPrometheus ? it : it.skip;

describe('the forwarding to a real target', () => {
  itPrometheus(
    `loses and doubles nothing while everything is killed${hasPrometheus ? '' : ' (skipped: prometheus is not installed)'}`,
    async () => {
      const run = new ForwardingUnderFaults(await createWriteTarget('prometheus'), new SeededRandom(SEED));
      try {
        await run.start();
        for (const fault of FAULTS) await run.cycle(fault);
        checkArrived(await run.settle(), true);
      } finally {
        await run.stop();
      }
    },
  );
});
