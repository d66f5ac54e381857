import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckContext } from './checks.js';
import { DatabaseProxy } from './database-proxy.js';
import { Deletions } from './deletions.js';
import { DroppingProxy } from './dropping-proxy.js';
import { Failovers } from './failovers.js';
import type { Faults } from './faults.js';
import { Findings } from './findings.js';
import { Fleet } from './fleet.js';
import { HistoryClient } from './history-client.js';
import { closeIdleConnections } from './http-client.js';
import { Journal } from './journal.js';
import { OwnCitus } from './own-citus.js';
import { OwnPostgres } from './own-postgres.js';
import { Pusher, Pushers } from './pusher.js';
import { QuietPoint } from './quiet-point.js';
import { Renames } from './renames.js';
import { SeededRandom } from '../support/seeded-random.js';
import type { LedgerSettings } from './settings.js';
import { StandbyPair } from './standby-pair.js';
import { Victims } from './victims.js';
import { Watchers } from './watchers.js';
import { Watermarks } from './watermarks.js';

const PROCESSES = 3;

/** Requests of paused pushers end within their own limits, so a request that takes longer than this hangs. */
const IDLE_LIMIT_MS = 120_000;
/** Time for pushes before the first fault, so that the fault finds data to destroy. */
const FIRST_PUSHES_MS = 1_000;

const SERVICE: Readonly<Record<string, string>> = {
  DATABASE_POOL_SIZE: '6',
  LOG_LEVEL: 'info',
  // The compaction runs at full speed: every sample is moved seconds after its arrival, and merged with its neighbours soon
  // after, and then again.
  COMPACTION_HORIZON_SECONDS: '1',
  COMPACTION_INTERVAL_SECONDS: '1',
  CHUNK_PERIOD: '10s',
  SLOW_SERIES_PERIOD: '30s',
};

/** Executes one run: starts and kills processes, pushes, watches and compares. */
export class LedgerRun {
  private readonly startedAt = Date.now();
  private readonly random: SeededRandom;
  private readonly findings = new Findings();
  private readonly journal = new Journal();
  private readonly fleet: Fleet;
  private readonly proxy: DroppingProxy;
  private readonly watchers: Watchers;
  private readonly pushers: Pushers;
  private readonly marks: Watermarks;
  private readonly faults: Faults;
  private readonly quietPoint: QuietPoint;
  private readonly databaseProxy: DatabaseProxy;
  private proxiedDatabaseUrl = '';
  private proxyUrl = '';
  private situation = 'start';

  private constructor(
    private readonly settings: LedgerSettings,
    private readonly postgres: OwnPostgres | OwnCitus | StandbyPair,
    private readonly print: (line: string) => void,
  ) {
    const random = new SeededRandom(settings.seed);
    this.random = random.fork();
    const { findings, journal } = this;
    this.databaseProxy = new DatabaseProxy(postgres.url);
    // One process is behind a proxy. The others have to see Postgres refuse connections, which a proxy would accept.
    const environmentOf = (index: number) => ({
      ...SERVICE,
      DATABASE_URL: index === 0 ? this.proxiedDatabaseUrl : postgres.url,
    });
    const fleet = new Fleet(PROCESSES, environmentOf, findings);
    const history = new HistoryClient(this.startedAt);
    const marks = new Watermarks(findings);
    this.marks = marks;
    this.fleet = fleet;
    this.faults =
      postgres instanceof StandbyPair
        ? new Failovers(fleet, postgres, journal, marks, random.fork())
        : new Victims(
            fleet,
            postgres,
            this.databaseProxy,
            new Deletions(fleet, journal, marks, findings, random.fork()),
            new Renames(fleet, journal, marks, findings, random.fork()),
            random.fork(),
          );
    this.proxy = new DroppingProxy(() => fleet.urls, settings.hasKeys, random.fork());
    this.watchers = new Watchers(
      fleet,
      history,
      marks,
      findings,
      random.fork(),
      settings.hasSharedReads,
      () => this.situation,
    );
    this.pushers = new Pushers(this.createPushers(random.fork(), fleet));
    const context = (): CheckContext => ({
      databaseUrl: postgres.url,
      urls: fleet.urls.filter((url) => url !== undefined),
      journal,
      history,
      hasKeys: settings.hasKeys,
      // If one copy of a request waits through a failover that loses the other copy, it is stored after later requests.
      hasOrder: settings.hasKeys && settings.hasCompaction && settings.failovers === 0,
    });
    this.quietPoint = new QuietPoint(fleet, findings, context);
  }

  /** Starts Postgres, the processes and the proxy, and begins to push. */
  static async start(settings: LedgerSettings, print: (line: string) => void): Promise<LedgerRun> {
    const postgres = await startPostgres(settings);
    const run = new LedgerRun(settings, postgres, print);
    try {
      run.proxiedDatabaseUrl = await run.databaseProxy.start();
      await run.fleet.startAll();
      run.proxyUrl = await run.proxy.start();
      run.watchers.start();
      run.pushers.resume();
      return run;
    } catch (error) {
      await run.stop();
      throw error;
    }
  }

  /**
   * Runs all cycles with their checks, and the final check.
   *
   * @throws Error with all findings, at the first check that has any
   */
  async go(): Promise<void> {
    const { cycles, cyclesPerCheck } = this.settings;
    await sleep(FIRST_PUSHES_MS);
    for (let cycle = 1; cycle <= cycles; cycle++) {
      await this.runCycle(cycle);
      // The last cycle is followed by the final check.
      if (cycle < cycles && cycle % Math.min(cyclesPerCheck, Math.ceil(cycles / 2)) === 0) await this.beQuiet();
    }
    await this.finish();
  }

  summary(): string {
    const { acknowledged, sent, tries, replays, brokenConnections, unavailable } = this.journal;
    const { fates } = this.proxy;
    const list = (counts: Record<string, number>) =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join('; ');
    return [
      `ledger: seed ${this.settings.seed}, ${this.faults.total} cycles in ${Math.round(this.elapsedMs / 1000)} s`,
      `  faults: ${list(this.faults.counts)}${this.faults.summary()}`,
      `  requests: ${sent.size}, acknowledged ${acknowledged.size}, tries ${tries}, replays ${replays}, ` +
        `connections broken ${brokenConnections}, 503 ${unavailable}`,
      `  proxy: ${list(fates)}`,
      `  quiet points: ${this.quietPoint.count}, settled after at most ${this.quietPoint.longestSettlingMs} ms; ` +
        `scrapes ${this.watchers.scrapes}, history queries ${this.watchers.queries}`,
    ].join('\n');
  }

  async stop(): Promise<void> {
    // Pushers that find no process end by themselves. Those that wait for a killed process notice it when their sockets close.
    await this.watchers.stop();
    await Promise.all([this.pushers.abandon(), this.fleet.killAll()]);
    await this.proxy.close();
    closeIdleConnections();
    await this.databaseProxy.close();
    await this.postgres.stop(this.settings.keepsData);
    if (this.settings.keepsData) this.print(`ledger: the data is kept in ${this.postgres.folder}`);
  }

  private async runCycle(cycle: number): Promise<void> {
    const startedAt = Date.now();
    const before = this.journal.acknowledged.size;
    const fault = this.faults.next();
    this.situation = `cycle ${cycle}: ${fault}`;
    await this.faults.strike(fault);
    await sleep(this.random.integer(800, 1_800));
    const acknowledged = this.journal.acknowledged.size - before;
    this.print(
      `ledger: cycle ${cycle}/${this.settings.cycles} ${fault}: ${acknowledged} acknowledged, ${Date.now() - startedAt} ms`,
    );
    this.expectNoFindings();
  }

  /** Checks, while nothing is pushed, that everything is the same everywhere, including after a restart of one process. */
  private async beQuiet(): Promise<void> {
    await this.pause();
    const victim = this.random.integer(0, PROCESSES - 1);
    const restart = async () => {
      await this.fleet.kill(victim);
      await this.fleet.start(victim);
    };
    await this.quietPoint.checkRestart(restart, `${this.situation}, process ${victim} restarted`);
    this.expectNoFindings();
    this.pushers.resume();
  }

  private async finish(): Promise<void> {
    await this.pause();
    if (this.settings.hasCompaction) await this.quietPoint.checkAfterCompaction();
    this.expectNoFindings();
    const index = this.random.integer(0, PROCESSES - 1);
    const restart = async () => {
      await this.fleet.stop(index);
      await this.fleet.start(index);
    };
    await this.quietPoint.checkRestart(restart, `end, process ${index} restarted`);
    await this.quietPoint.check(this.fleet.readyAt, 'end');
    this.expectNoFindings();
  }

  private async pause(): Promise<void> {
    const startedAt = Date.now();
    await this.pushers.pause();
    for (const giveUpAt = startedAt + IDLE_LIMIT_MS; !this.proxy.isIdle && Date.now() < giveUpAt;) await sleep(10);
    if (!this.proxy.isIdle) throw new Error(`The proxy still had requests under way after ${IDLE_LIMIT_MS / 1_000} s.`);
    this.situation += ', quiet';
    await this.faults.settle();
    await this.quietPoint.check(Date.now(), this.situation);
    this.marks.settle();
    const { acknowledged, sent } = this.journal;
    this.print(
      `ledger: quiet: ${sent.size} sent, ${acknowledged.size} acknowledged, compared in ${Date.now() - startedAt} ms`,
    );
    this.expectNoFindings();
  }

  private expectNoFindings(): void {
    if (this.findings.isEmpty) return;
    throw new Error(`${this.findings.toString()}\n\n${this.fleet.tails()}\n\n${this.summary()}`);
  }

  private createPushers(random: SeededRandom, fleet: Fleet): Pusher[] {
    const { hasKeys, hasSharedReads, requestsPerNewSeries, seed, pushers } = this.settings;
    const context = {
      url: () => this.proxyUrl,
      hasKeys,
      requestsPerNewSeries,
      journal: this.journal,
      findings: this.findings,
      anyProcess: () => (hasSharedReads ? random.pick(fleet.urls) : undefined),
    };
    const runId = `ledger-${seed}-${this.startedAt}`;
    return Array.from({ length: pushers }, (_, index) => new Pusher(String(index), runId, random.fork(), context));
  }

  private get elapsedMs(): number {
    return Date.now() - this.startedAt;
  }
}

function startPostgres({
  failovers,
  citusBinaries,
  seed,
}: LedgerSettings): Promise<OwnPostgres | OwnCitus | StandbyPair> {
  if (failovers > 0) return StandbyPair.start();
  return citusBinaries === undefined ? OwnPostgres.start() : OwnCitus.start(citusBinaries, new SeededRandom(seed));
}
