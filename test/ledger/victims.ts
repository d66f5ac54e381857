import { setTimeout as sleep } from 'node:timers/promises';
import type { Deletions } from './deletions.js';
import type { DatabaseProxy } from './database-proxy.js';
import type { Faults } from './faults.js';
import type { Fleet } from './fleet.js';
import type { OwnCitus } from './own-citus.js';
import type { OwnPostgres } from './own-postgres.js';
import type { Renames } from './renames.js';
import type { SeededRandom } from '../support/seeded-random.js';

/** The relative frequency of each fault. */
const WEIGHTS = {
  'kill process': 5,
  'kill Postgres': 3,
  'drop answers of Postgres': 3,
  'stop process': 2,
  'freeze process': 2,
  'freeze process, kill Postgres': 2,
  'kill everything': 1,
  'delete a range': 4,
  'rename a metric': 4,
} as const;

type Fault = keyof typeof WEIGHTS;

const FAULTS = Object.keys(WEIGHTS) as Fault[];

/**
 * The lengths of a freeze. They exceed the compaction's horizon, so that a frozen process falls behind it, and some exceed the
 * time that a request is held.
 */
const FREEZE_MS = [1_500, 3_000, 6_000];

/** Ends, freezes and restarts processes, kills and restarts Postgres, drops its answers, deletes samples and renames metrics. */
export class Victims implements Faults {
  readonly counts: Record<Fault, number>;
  private readonly plan: Fault[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly postgres: OwnPostgres | OwnCitus,
    private readonly databaseProxy: DatabaseProxy,
    private readonly deletions: Deletions,
    private readonly renames: Renames,
    private readonly random: SeededRandom,
  ) {
    this.counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
    // One fault of each kind comes first, because a short run has no time for more.
    this.plan.push(...random.shuffled(FAULTS));
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  next(): Fault {
    if (this.plan.length === 0) {
      this.plan.push(...this.random.shuffled(FAULTS.flatMap((fault) => Array<Fault>(WEIGHTS[fault]).fill(fault))));
    }
    return this.plan.shift()!;
  }

  async strike(fault: Fault): Promise<void> {
    this.counts[fault]++;
    const index = this.random.integer(0, this.fleet.size - 1);
    switch (fault) {
      case 'kill process':
        await this.killProcess(index);
        return;
      case 'stop process':
        await this.fleet.stop(index);
        await this.fleet.start(index);
        return;
      case 'freeze process':
        this.fleet.freeze(index);
        // A short run has only one freeze, and no time for a long one.
        await sleep(this.counts[fault] === 1 ? FREEZE_MS[0] : this.random.pick(FREEZE_MS));
        this.fleet.thaw(index);
        return;
      case 'freeze process, kill Postgres':
        this.fleet.freeze(index);
        await this.killPostgres();
        await sleep(this.random.integer(0, 1_500));
        this.fleet.thaw(index);
        return;
      case 'kill Postgres':
        await this.killPostgres();
        return;
      case 'drop answers of Postgres':
        await this.databaseProxy.dropAnswers();
        return;
      case 'kill everything':
        this.postgres.kill();
        // This gives the service time to show or acknowledge data that Postgres might not have.
        await sleep(this.random.integer(0, 700));
        await this.fleet.killAll();
        await this.postgres.restart();
        await this.fleet.startAll();
        return;
      case 'delete a range':
        await this.deletions.strike();
        return;
      case 'rename a metric':
        await this.renames.strike();
        return;
      default:
        fault satisfies never;
    }
  }

  /** Does nothing, because a Postgres that restarts loses no data. */
  settle(): Promise<void> {
    return Promise.resolve();
  }

  summary(): string {
    return '';
  }

  private async killProcess(index: number): Promise<void> {
    await this.fleet.kill(index);
    await sleep(this.random.integer(0, 500));
    await this.fleet.start(index);
  }

  private async killPostgres(): Promise<void> {
    this.postgres.kill();
    await sleep(this.random.integer(0, 800));
    await this.postgres.restart();
  }
}
