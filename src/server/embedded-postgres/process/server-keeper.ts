import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer } from '../running-server.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { acceptsSignals, isRunning, type ProcessIdentity } from './process-identity.js';
import type { StartContext } from '../start-context.js';

/** How often it is checked that the server still runs. Pushes are held for seconds, so a new server has to come soon. */
const WATCH_INTERVAL_MS = 200;

/** A server that runs for this long has not failed to start. */
const STEADY_MS = 60_000;

/** Doubled after each attempt: a full disk is not cured by starting Postgres a thousand times. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const MAX_ATTEMPTS = 10;

/**
 * Starts a server again whenever it has ended without being told to: because it was killed, or because it belonged to another
 * process that has ended. Connections that are open lose it for a moment; the address stays the same.
 */
export class ServerKeeper {
  private readonly stopping = new AbortController();
  private watching: Promise<void> | undefined;
  private failures = 0;

  /**
   * @param context of the first start
   * @param start starts a server or adopts one, under the start lock
   * @param onReplaced is told the new server
   * @param firstPauseMs shorter for tests
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
      this.context.logError(`The embedded Postgres is not started again: ${messageOf(error)}`);
    });
  }

  /** Starts nothing any more from now on; resolves when a start under way has ended. */
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
        `The embedded Postgres (pid ${this.server.identity.pid})${starter} has ended; starting it again`,
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
        // The port of before: whoever uses the server knows no other.
        const server = await this.start({ ...this.context, port, signal: this.stopping.signal });
        this.server = server;
        this.onReplaced(server);
        if (server.address.port === port && server.address.password === password) return;
        throw new EmbeddedPostgresError('START_FAILED', 'it has another port or password now. Restart this program.');
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

/** Asked five times a second, so it must not start a program as {@link isRunning} does outside of Linux. */
function seemsRunning(server: ProcessIdentity): boolean {
  return process.platform === 'linux' ? isRunning(server) : acceptsSignals(server.pid);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
