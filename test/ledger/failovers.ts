import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/seeded-random.js';
import type { Faults } from './faults.js';
import type { Fleet } from './fleet.js';
import type { Journal } from './journal.js';
import type { StandbyPair } from './standby-pair.js';
import { readStoredSamples } from './stored-samples.js';
import type { Watermarks } from './watermarks.js';

/** How the standby lags behind when the primary dies. */
const LAGS = ['cut off', 'cut off early', 'replay paused', 'streaming'] as const;
/** What happens to one of the processes meanwhile. */
const COMPANIONS = ['nothing else', 'freeze process', 'kill process'] as const;

type Lag = (typeof LAGS)[number];
type Companion = (typeof COMPANIONS)[number];
type Failover = `${Lag}, ${Companion}`;

/** Long enough for the pushers to make several dozen series that the standby never gets. */
const LAG_MS = [400, 1_200];
const EARLY_LAG_MS = [2_000, 4_000];

/** Loses the primary, promotes a standby that lags behind, and tells the journal and the watchers what that may change. */
export class Failovers implements Faults {
  readonly counts: Record<string, number> = {};
  private plan: Failover[] = [];
  private lost = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly postgres: StandbyPair,
    private readonly journal: Journal,
    private readonly marks: Watermarks,
    private readonly random: SeededRandom,
  ) {}

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  next(): Failover {
    if (this.plan.length === 0) {
      const every = LAGS.flatMap((lag) => COMPANIONS.map((companion): Failover => `${lag}, ${companion}`));
      this.plan = this.random.shuffled(every);
    }
    return this.plan.shift()!;
  }

  async strike(failover: string): Promise<void> {
    this.counts[failover] = (this.counts[failover] ?? 0) + 1;
    const [lag, companion] = failover.split(', ') as [Lag, Companion];
    await this.postgres.addStandby();
    // What is acknowledged before this line is in the standby, because it waits for everything that is committed after it.
    this.journal.beginLag();
    await this.postgres.catchUp();
    await this.lagBehind(lag);

    const index = this.random.integer(0, this.fleet.size - 1);
    if (companion === 'freeze process') this.fleet.freeze(index);
    if (companion === 'kill process') await this.fleet.kill(index);
    await this.postgres.killPrimary();
    await this.postgres.promote(() => {
      this.journal.failOver();
      this.marks.failOver();
    });
    if (companion === 'freeze process') {
      await sleep(this.random.integer(0, 1_500));
      this.fleet.thaw(index);
    }
    // A process that reads the promoted standby makes series at once, with ids that the others know as those of lost ones.
    if (companion === 'kill process') await this.fleet.start(index);
  }

  async settle(): Promise<void> {
    const stored = await readStoredSamples(this.postgres.url);
    this.lost += this.journal.settleLosses(stored.copies);
  }

  summary(): string {
    return `\n  acknowledged after the position of the standby, and lost with the primary: ${this.lost}`;
  }

  private async lagBehind(lag: Lag): Promise<void> {
    if (lag === 'replay paused') await this.postgres.pauseReplay();
    else if (lag !== 'streaming') await this.postgres.cutOff();
    const [least, most] = lag === 'cut off early' ? EARLY_LAG_MS : LAG_MS;
    await sleep(this.random.integer(least!, most!));
  }
}
