import { startServer, type TestServer } from '../support/server.js';
import type { Findings } from './findings.js';

const TAIL_LINES = 40;

/** One of the processes; another one after each restart. */
interface Member {
  server?: TestServer;
  /** Whether the test ended it. */
  isDoomed: boolean;
  /** What the one before said last. */
  lastWords: string;
}

/** The service's processes on one database. */
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

  /** Addresses; undefined for one that is down. */
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

  /** Ends when every start has ended, so that after a failed one none is left behind that nobody knows of. */
  async startAll(): Promise<void> {
    const starts = await Promise.allSettled(this.members.map((_, index) => this.start(index)));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
  }

  /** As a crash does; works on a frozen one, too. */
  async kill(index: number): Promise<void> {
    await this.takeDown(index).kill();
  }

  /** As an orchestrator does. */
  async stop(index: number): Promise<void> {
    const server = this.takeDown(index);
    const code = await server.stop();
    if (code !== 0) this.findings.add(`process ${index} ended with ${code} on SIGTERM:\n${tailOf(server.output())}`);
  }

  /** Holds it as a stop-the-world pause does: its connections stay, and it does not know how long it was away. */
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

  /** The last lines of each process and of the one before it. */
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
