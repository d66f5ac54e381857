import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LongestWait, ServiceProbe } from '../support/longest-wait.js';
import { ADMIN_TOKEN, FRONTEND_TOKEN, INGEST_TOKEN, startServer, type TestServer } from '../support/server.js';
import { steadyPort } from '../support/steady-port.js';
import type { Sender } from './routes.js';

/** The effects of one attack on the service. */
export interface Harm extends LongestWait {
  /** The longest time that the event loop was blocked, in milliseconds. */
  readonly heldMs: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
}

interface Usage {
  readonly heldMs: number;
  readonly heapUsed: number;
  readonly rss: number;
}

export const HEAP_LIMIT_MIB = 512;

const MIB = 1_024 * 1_024;
const SETTLE_MS = 60;

/** Runs the compiled server with the heap that the suite allows, and observes it from inside and outside. */
export class WatchedServer {
  private linesRead = 0;

  private constructor(
    readonly server: TestServer,
    private readonly openUrl: string,
    private readonly tokens: Readonly<Record<Sender, string | undefined>>,
    private readonly probe: ServiceProbe,
    private readonly folder: string,
  ) {}

  static async start(databaseUrl: string): Promise<WatchedServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'custom-metrics-hostile-'));
    const usageFile = path.join(folder, 'usage.jsonl');
    writeFileSync(usageFile, '');
    const reporter = pathToFileURL(path.join(import.meta.dirname, 'usage-reporter.mjs')).href;
    const openPort = await steadyPort();
    const server = await startServer({
      DATABASE_URL: databaseUrl,
      PROMQL_OPEN_PORT: String(openPort),
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
      HOSTILE_USAGE_FILE: usageFile,
      NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB} --import ${reporter}`,
    });
    const tokens = {
      nobody: undefined,
      frontend: FRONTEND_TOKEN,
      ingest: INGEST_TOKEN,
      read: await createReadToken(server.url),
      admin: ADMIN_TOKEN,
    };
    return new WatchedServer(server, `http://127.0.0.1:${openPort}`, tokens, ServiceProbe.of(server), folder);
  }

  /** Returns the URL for a route. PromQL needs no token on its open port. */
  urlFor(routePath: string): string {
    return routePath.startsWith('/api/v1/') ? this.openUrl : this.server.url;
  }

  authorizationOf(sender: Sender): Record<string, string> {
    const token = this.tokens[sender];
    return token === undefined ? {} : { authorization: token };
  }

  get isAlive(): boolean {
    return this.server.process.exitCode === null && this.server.process.signalCode === null;
  }

  /** Waits until the effects of an attack are visible, and returns the effects since the last call. */
  async takeHarm(): Promise<Harm> {
    await sleep(SETTLE_MS);
    const usage = await this.takeUsage();
    return {
      ...(await this.probe.take()),
      heldMs: Math.max(0, ...usage.map(({ heldMs }) => heldMs)),
      heapMiB: Math.max(0, ...usage.map(({ heapUsed }) => heapUsed)) / MIB,
      residentMiB: Math.max(0, ...usage.map(({ rss }) => rss)) / MIB,
    };
  }

  async stop(): Promise<void> {
    this.probe.stop();
    if (this.isAlive) await this.server.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Reads the lines of the server. A blocked server writes nothing, so this waits for the line that it writes afterwards. */
  private async takeUsage(): Promise<Usage[]> {
    for (let tries = 0; ; tries++) {
      const lines = readFileSync(path.join(this.folder, 'usage.jsonl'), 'utf8').split('\n').slice(0, -1);
      if (lines.length > this.linesRead || !this.isAlive || tries > 600) {
        const fresh = lines.slice(this.linesRead);
        this.linesRead = lines.length;
        return fresh.map((line) => JSON.parse(line) as Usage);
      }
      await sleep(50);
    }
  }
}

async function createReadToken(url: string): Promise<string> {
  const response = await fetch(`${url}/api/admin/tokens`, {
    method: 'POST',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'hostile-reader', scopes: ['read'] }),
  });
  if (!response.ok) throw new Error(`A token for reading: ${response.status} ${await response.text()}`);
  const { token, secret } = (await response.json()) as { token?: string; secret?: string };
  return token ?? secret ?? '';
}
