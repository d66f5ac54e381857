import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const APP = path.resolve(import.meta.dirname, 'sdk-app.mjs');
const EVENT_TIMEOUT_MS = 60_000;

interface Message {
  readonly event?: string;
  readonly detail?: string;
  readonly done?: number;
  readonly failed?: string;
}

/** Runs an app with a real SDK of Unleash in a separate process, as in production. */
export class SdkProcess {
  /** The events of the SDK, in their order. */
  readonly events: { readonly event: string; readonly detail?: string }[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly done = new Map<number, Message>();
  private calls = 0;
  private complaints = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr!.on('data', (chunk: Buffer) => (this.complaints = (this.complaints + chunk.toString()).slice(-2_000)));
    child.on('message', (message: Message) => {
      if (message.event !== undefined) this.events.push({ event: message.event, detail: message.detail });
      if (message.done !== undefined) this.done.set(message.done, message);
      for (const listener of this.listeners) listener();
    });
  }

  /** @param options the options of the SDK's constructor */
  static start(kind: 'server' | 'browser', options: object): SdkProcess {
    const child = spawn(process.execPath, [APP, kind, JSON.stringify(options)], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return new SdkProcess(child);
  }

  /**
   * Calls a method of the SDK's impact metrics, and waits until the call has ended.
   *
   * @param after an event of the SDK to wait for first; the call is made while the event is emitted
   */
  async call(method: string, args: readonly unknown[] = [], after?: string): Promise<void> {
    const id = ++this.calls;
    this.child.send({ id, method, args, after });
    await this.until(() => this.done.has(id), `${method} was not carried out`);
    const { failed } = this.done.get(id)!;
    if (failed !== undefined) throw new Error(`${method}: ${failed}`);
  }

  count(event: string): number {
    return this.events.filter((each) => each.event === event).length;
  }

  /** Waits until the SDK has emitted an event `times` more times. */
  async next(event: string, times = 1): Promise<void> {
    const wanted = this.count(event) + times;
    await this.until(() => this.count(event) >= wanted, `no ${event}`);
  }

  /** Waits until the SDK has emitted an event at least once. */
  async first(event: string): Promise<void> {
    await this.until(() => this.count(event) > 0, `no ${event}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async until(isSo: () => boolean, problem: string): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.listeners.delete(listener);
        const said = `${JSON.stringify(this.events.slice(-10))}\n${this.complaints}`;
        reject(new Error(`${problem}; the SDK said: ${said}`));
      }, EVENT_TIMEOUT_MS);
      const listener = () => {
        if (!isSo()) return;
        clearTimeout(timeout);
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }
}
