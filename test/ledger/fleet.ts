import { startServer, type TestServer } from '../support/server.js';
import type { Findings } from './findings.js';

const TAIL_LINES = 40;

/** One place in the fleet, which gets a new process at each restart. */
interface Member {
  server?: TestServer;
  /** True if the test has ended the process. */
  isDoomed: boolean;
  /** The last output of the previous process. */
  lastWords: string;
}

/** Starts, freezes and ends the service's processes on one database. */
export class Fleet {
  private readonly members: Member[];
  readyAt = 0;

  constructor(
    readonly size: number,
    private readonly environmentOf: (index: number) => Record<string, string>,
    private readonly findings: Findings,
  ) {
    this.members = Array.from({ length: size }, () => ({ isDoomed: false, lastWords: '' }));
  }

  /** The addresses of the processes; undefined for one that is down. */
  get urls(): (string | undefined)[] {
    return this.members.map(({ server }) => server?.url);
  }

  async start(index: number): Promise<void> {
    const member = this.members[index]!;
    const server = await startServer(this.environmentOf(index));
    member.isDoomed = false;
    member.server = server;
    this.readyAt = Date.now();
    server.process.once('exit', (code, signal) => {
      if (member.server === server && !member.isDoomed) {
        this.findings.add(`process ${index} ended by itself with ${code ?? signal}:\n${tailOf(server.output())}`);
      }
    });
  }

  /**
   * Starts all processes. The promise resolves when every start has ended, so that no process is left over after a failed
   * start.
   */
  async startAll(): Promise<void> {
    const starts = await Promise.allSettled(this.members.map((_, index) => this.start(index)));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
  }

  /** Ends a process as a crash does. This also works for a frozen process. */
  async kill(index: number): Promise<void> {
    await this.takeDown(index).kill();
  }

  /** Stops a process as an orchestrator does. */
  async stop(index: number): Promise<void> {
    const server = this.takeDown(index);
    const code = await server.stop();
    if (code !== 0) this.findings.add(`process ${index} ended with ${code} on SIGTERM:\n${tailOf(server.output())}`);
  }

  /** Freezes a process as a stop-the-world pause does. Its connections stay open, and it does not know how long it was frozen. */
  freeze(index: number): void {
    this.members[index]!.server?.process.kill('SIGSTOP');
  }

  thaw(index: number): void {
    this.members[index]!.server?.process.kill('SIGCONT');
  }

  async killAll(): Promise<void> {
    const alive = [...this.members.keys()].filter((index) => this.members[index]!.server !== undefined);
    await Promise.all(alive.map((index) => this.kill(index)));
  }

  /** Returns the last lines of each process and of its predecessor. */
  tails(): string {
    return this.members
      .map(({ server, lastWords }, index) => {
        const now = server === undefined ? 'is down' : tailOf(server.output());
        return `── process ${index}, the one before:\n${lastWords}\n── process ${index}:\n${now}`;
      })
      .join('\n');
  }

  private takeDown(index: number): TestServer {
    const member = this.members[index]!;
    const { server } = member;
    if (server === undefined) throw new Error(`Process ${index} is down`);
    member.isDoomed = true;
    member.server = undefined;
    member.lastWords = tailOf(server.output());
    return server;
  }
}

function tailOf(output: string): string {
  return output.split('\n').slice(-TAIL_LINES).join('\n');
}
