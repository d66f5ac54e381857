import type { Worker } from 'node:cluster';
import type { Order, ReadyReport, Report, StartOrder } from './messages.js';

/** The way in which a process has ended. */
export interface ProcessEnd {
  /** A phrase for the log, such as "with code 1". */
  readonly how: string;
  /** The exit code; null if a signal has ended the process. */
  readonly code: number | null;
}

/** One process of the server, as the primary sees it. */
export class ServiceProcess {
  readonly startedAt = performance.now();
  /** Resolves to the report of the process when it accepts requests, or to undefined if it ends first. */
  readonly ready: Promise<ReadyReport | undefined>;
  readonly ended: Promise<ProcessEnd>;
  private report: ReadyReport | undefined;
  private hasEnded = false;
  private isStopping = false;

  /**
   * @param start the order that the process gets once it listens for messages
   * @param onStopping is called when the process begins to stop, even without an order
   */
  constructor(
    private readonly worker: Worker,
    private readonly start: StartOrder,
    onStopping: () => void,
  ) {
    this.ended = new Promise((resolve) => {
      worker.once('exit', (code, signal) => resolve({ how: signal ? `by ${signal}` : `with code ${code}`, code }));
      // If a process can't be started, there is no `exit` event.
      worker.once('error', (error) => resolve({ how: `before it began: ${error.message}`, code: null }));
    });
    void this.ended.then(() => (this.hasEnded = true));
    const reported = new Promise<ReadyReport>((resolve) => {
      worker.on('message', (message: Report) => {
        if (message.kind === 'listening') this.send(start);
        else if (message.kind === 'ready') {
          this.report = message;
          resolve(message);
        } else {
          this.isStopping = true;
          onStopping();
        }
      });
    });
    this.ready = Promise.race([reported, this.ended.then(() => undefined)]);
  }

  get number(): number {
    return this.start.number;
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  /** The port for the other processes; undefined unless the process accepts requests. */
  get port(): number | undefined {
    return this.hasEnded || this.isStopping ? undefined : this.report?.port;
  }

  send(order: Order): void {
    // A process that has just ended does not need the order.
    if (this.worker.isConnected()) this.worker.send(order, () => undefined);
  }

  kill(): void {
    this.worker.process.kill('SIGKILL');
  }
}
