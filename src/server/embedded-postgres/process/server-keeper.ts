import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer } from '../running-server.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { acceptsSignals, isRunning, type ProcessIdentity } from './process-identity.js';
import type { StartContext } from '../start-context.js';

/** The pause between two checks that the server still runs. Pushes wait only for seconds, so a new server must start soon. */
const WATCH_INTERVAL_MS = 200;

/** Time after which a running server counts as successfully started. */
const STEADY_MS = 60_000;

/** The pause after the first attempt, which doubles after each further one. Frequent starts do not help against a full disk. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const MAX_ATTEMPTS = 10;

/**
 * Starts a server again whenever it has ended unexpectedly, because it was killed, or because it belonged to another process
 * that has ended. Open connections break, but the address stays the same.
 */
export class ServerKeeper {
  private readonly stopping = new AbortController();
  private watching: Promise<void> | undefined;
  private failures = 0;

  /**
   * @param context the context of the first start
   * @param start starts or adopts a server under the start lock
   * @param onReplaced receives the new server
   * @param firstPauseMs the first pause, which tests shorten
   */
  constructor(
    private server: RunningServer,
    private readonly context: StartContext,
    private readonly start: (context: StartContext) => Promise<RunningServer>,
    private readonly onReplaced: (server: RunningServer) => void,
    private readonly firstPauseMs = FIRST_PAUSE_MS,
  ) {}

  watch(): void {
    this.watching = this.run().catch((error: unknown) => {
      if (this.stopping.signal.aborted) return;
      this.context.logError(`The embedded Postgres will not be restarted: ${messageOf(error)}`);
    });
  }

  /** Prevents further starts, and resolves when a running start has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async run(): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      while (seemsRunning(this.server.identity)) await this.pause(WATCH_INTERVAL_MS);
      if (performance.now() - startedAt > STEADY_MS) this.failures = 0;
      const starter = this.server.isOwned ? '' : ', which another process started,';
      this.context.logError(
        `The embedded Postgres (pid ${this.server.identity.pid})${starter} has ended; restarting it`,
      );
      await this.replace();
    }
  }

  private async replace(): Promise<void> {
    const { port, password } = this.server.address;
    for (;;) {
      if (this.failures > 0) await this.pause(Math.min(this.firstPauseMs * 2 ** (this.failures - 1), LONGEST_PAUSE_MS));
      this.failures++;
      try {
        // The port must stay the same, because the users of the server know only this one.
        const server = await this.start({ ...this.context, port, signal: this.stopping.signal });
        this.server = server;
        this.onReplaced(server);
        if (server.address.port === port && server.address.password === password) return;
        throw new EmbeddedPostgresError('START_FAILED', 'its port or password has changed. Restart this program.');
      } catch (error) {
        this.stopping.signal.throwIfAborted();
        const hasAnotherAddress = this.server.address.port !== port || this.server.address.password !== password;
        if (hasAnotherAddress || this.failures >= MAX_ATTEMPTS) throw error;
        this.context.logError(
          `The embedded Postgres could not be started (attempt ${this.failures} of ${MAX_ATTEMPTS}): ${messageOf(error)}`,
        );
      }
    }
  }

  private pause(durationMs: number): Promise<void> {
    return sleep(durationMs, undefined, { ref: false, signal: this.stopping.signal });
  }
}

/**
 * Returns whether a server seems to run. This function is called five times a second, so it must not spawn a program, which
 * {@link isRunning} does on some systems.
 */
function seemsRunning(server: ProcessIdentity): boolean {
  return process.platform === 'linux' ? isRunning(server) : acceptsSignals(server.pid);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
