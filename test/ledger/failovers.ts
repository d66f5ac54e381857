import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/seeded-random.js';
import type { Faults } from './faults.js';
import type { Fleet } from './fleet.js';
import type { Journal } from './journal.js';
import type { StandbyPair } from './standby-pair.js';
import { readStoredSamples } from './stored-samples.js';
import type { Watermarks } from './watermarks.js';

/** The ways in which the standby lags behind when the primary ends. */
const LAGS = ['cut off', 'cut off early', 'replay paused', 'streaming'] as const;
/** The faults that happen to one of the processes at the same time. */
const COMPANIONS = ['nothing else', 'freeze process', 'kill process'] as const;

type Lag = (typeof LAGS)[number];
type Companion = (typeof COMPANIONS)[number];
type Failover = `${Lag}, ${Companion}`;

/** The shortest and longest lag. Even a short one lets the pushers create several dozen series that the standby does not get. */
const LAG_MS = [400, 1_200];
const EARLY_LAG_MS = [2_000, 4_000];

/** Ends the primary, promotes a standby that lags behind, and informs the journal and the watermarks of the possible changes. */
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
    // The standby gets everything that is acknowledged before this line, because the catch-up after it waits for all that is
    // committed by then.
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
    // A process that starts on the promoted standby creates series right away, with ids that the others still associate with
    // lost series.
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
