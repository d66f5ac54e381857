import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ReadyReport } from './messages.js';
import { MOST_ENDS_IN_A_ROW, RestartPause } from './restart-pause.js';
import type { ServiceProcess } from './service-process.js';

/** Time beyond SHUTDOWN_TIMEOUT_MS after which a process that does not end is killed. */
const STOP_SLACK_MS = 5_000;

const logger = new Logger('Processes');

/** The hooks through which a group starts its processes and reports its failure. */
export interface GroupSetup {
  /** Starts a process. */
  readonly fork: (number: number, onStopping: () => void) => ServiceProcess;
  readonly shutdownTimeoutMs: number;
  /** Is called once, if no process can be kept running. */
  readonly onGiveUp: () => void;
}

/** The processes of a server. Those that end are started again. */
export class ProcessGroup {
  private readonly running = new Map<number, ServiceProcess>();
  private readonly stopping = new AbortController();
  private scraped = 0;

  constructor(private readonly setup: GroupSetup) {}

  /**
   * Starts the first process, which creates the schema and the first tokens for all of them.
   *
   * @returns the report of the process, or its exit code if it ends before it accepts requests
   */
  async startFirst(): Promise<ReadyReport | number> {
    const first = this.fork(1);
    const report = await first.ready;
    if (report === undefined) {
      const { how, code } = await first.ended;
      // A process that exits with a code has logged the reason itself.
      if (code === null) logger.error(`The first process has ended ${how}.`);
      return code ?? 1;
    }
    this.announce();
    void this.keep(1, first);
    return report;
  }

  /** Starts the other processes, one after the other, so that Postgres has to send the catalog to one at a time. */
  async startOthers(count: number): Promise<void> {
    for (let number = 2; number <= count && !this.isStopping; number++) {
      const next = this.fork(number);
      void this.keep(number, next);
      if ((await next.ready) !== undefined) logger.log(`Process ${number} of ${count} is ready.`);
    }
  }

  /**
   * Stops all processes, each of which finishes its requests.
   *
   * @returns true if every process exited with code 0 in time
   */
  async stop(): Promise<boolean> {
    this.stopping.abort();
    const left = [...this.running.values()];
    for (const each of left) each.send({ kind: 'stop' });
    const codes = Promise.all(left.map(async ({ ended }) => (await ended).code));
    const inTime = await Promise.race([codes, sleep(this.setup.shutdownTimeoutMs + STOP_SLACK_MS)]);
    if (inTime !== undefined) return inTime.every((code) => code === 0);
    logger.error('Some processes have not ended in time, and are killed.');
    for (const each of this.running.values()) each.kill();
    return false;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private fork(number: number): ServiceProcess {
    const started = this.setup.fork(number, () => this.announce());
    this.running.set(number, started);
    return started;
  }

  /** Starts a process again each time it has ended, until the group stops. */
  private async keep(number: number, first: ServiceProcess): Promise<void> {
    const pause = new RestartPause();
    for (let current = first; ; current = this.fork(number)) {
      if ((await current.ready) !== undefined) this.announce();
      const { how, code } = await current.ended;
      if (this.isStopping) return;
      this.running.delete(number);
      this.announce();
      const pauseMs = pause.afterEnd(performance.now() - current.startedAt);
      if (pause.endsInARow >= MOST_ENDS_IN_A_ROW && this.ready.length === 0) {
        logger.error(`No process can be kept running: process ${number} has ended ${pause.endsInARow} times in a row.`);
        this.setup.onGiveUp();
        return;
      }
      const text = `Process ${number} (pid ${current.pid}) has ended ${how}. It is started again in ${pauseMs / 1000} s.`;
      // Exit code 0 means that somebody stopped this process with a signal, which is not an error.
      if (code === 0) logger.log(text);
      else logger.error(text);
      await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.isStopping) return;
    }
  }

  /** The processes that accept requests, in the order of their starts. */
  private get ready(): (ServiceProcess & { readonly port: number })[] {
    return [...this.running.values()]
      .filter((each): each is ServiceProcess & { readonly port: number } => each.port !== undefined)
      .toSorted((a, b) => a.startedAt - b.startedAt);
  }

  /** Tells each process which processes accept requests, and which one answers scrapes. That one changes only when it ends. */
  private announce(): void {
    const { ready } = this;
    if (!ready.some(({ number }) => number === this.scraped)) this.scraped = ready[0]?.number ?? 0;
    const siblings = ready.map(({ number, port }) => ({ number, port }));
    for (const each of ready) each.send({ kind: 'siblings', siblings, scraped: this.scraped });
  }
}
