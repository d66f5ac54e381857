import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const START_TIMEOUT_MS = 120_000;

export const SCRAPE_TIMEOUT_SECONDS = 1;

/** The error that Prometheus reports for a scrape that took too long. */
export const OUT_OF_TIME = 'context deadline exceeded';

/** Looks for a program without running it, because running it would take a tenth of a second whenever a server stops. */
export function isInstalled(program: 'prometheus' | 'promtool' | 'vmagent'): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => isExecutable(path.join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the output of `promtool check metrics` and its exit code: 0 means that the exposition is good, 1 that it does not
 * parse, and 3 that it parses with remarks about names.
 */
export function checkWithPromtool(page: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page });
  return { status, output: `${stdout.toString()}${stderr.toString()}` };
}

/** A series in Prometheus, with the samples that the query asked for. */
export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** The sample, if the result is a vector. */
  readonly value: readonly [time: number, value: string];
  /** The samples, if the result is a matrix. */
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** A real Prometheus with its own empty store. */
export interface Prometheus {
  readonly url: string;
  query(expression: string): Promise<QueriedSeries[]>;
  /** Returns the metadata of a metric from the comments of the exposition. */
  metadataOf(metric: string): Promise<{ type: string; help: string; unit: string }[]>;
  /** Returns the reason why the last scrape of each target failed, or '' if it did not fail. */
  lastErrors(): Promise<string[]>;
  /**
   * Ends Prometheus with SIGTERM, as an orchestrator does, or with the given signal, and starts it again on the same store. Its
   * address changes.
   */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Debian's `prometheus`, which scrapes every second.
 *
 * @param pages the address of the exposition of each job
 * @param remoteReads other sources of samples, in the form of its configuration
 * @param flags additional arguments of its command line
 * @param remoteWrites receivers of its samples, in the form of its configuration
 */
export function startPrometheus(
  pages: Readonly<Record<string, string>>,
  remoteReads: readonly object[] = [],
  flags: readonly string[] = [],
  remoteWrites: readonly object[] = [],
): Promise<Prometheus> {
  // JSON is also valid YAML.
  const config = { ...configOf(pages), remote_read: remoteReads, remote_write: remoteWrites };
  return startPrometheusWith(JSON.stringify(config), flags);
}

/**
 * Starts Debian's `prometheus`.
 *
 * @param config the text of its configuration
 * @param flags additional arguments of its command line
 */
export async function startPrometheusWith(config: string, flags: readonly string[] = []): Promise<Prometheus> {
  const folder = await mkdtemp(path.join(tmpdir(), 'custom-metrics-prometheus-'));
  const configFile = path.join(folder, 'prometheus.yml');
  await writeFile(configFile, config);
  const start = async () => {
    const child = spawn(
      'prometheus',
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        ...flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = once(child, 'exit');
    return { child, exited, url: await readAddress(child) };
  };
  let running = await start();
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    running.child.kill(signal);
    await running.exited;
  };
  const get = async <T>(pathAndQuery: string): Promise<T> => {
    const response = await fetch(`${running.url}${pathAndQuery}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`${pathAndQuery}: ${body.error}`);
    return body.data;
  };
  return {
    get url() {
      return running.url;
    },
    query: async (expression) => {
      const data = await get<{ result: QueriedSeries[] }>(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return data.result;
    },
    metadataOf: async (metric) => {
      const data = await get<Record<string, { type: string; help: string; unit: string }[]>>(
        `/api/v1/metadata?metric=${encodeURIComponent(metric)}`,
      );
      return data[metric] ?? [];
    },
    lastErrors: async () => {
      const data = await get<{ activeTargets: { lastError: string }[] }>('/api/v1/targets?state=active');
      return data.activeTargets.map(({ lastError }) => lastError);
    },
    restart: async (signal) => {
      await end(signal);
      running = await start();
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Returns the configuration that scrapes pages. */
function configOf(pages: Readonly<Record<string, string>>): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: `${SCRAPE_TIMEOUT_SECONDS}s` },
    scrape_configs: Object.entries(pages).map(([job, page]) => ({
      job_name: job,
      metrics_path: new URL(page).pathname,
      static_configs: [{ targets: [new URL(page).host] }],
    })),
  };
}

function readAddress(child: ChildProcess): Promise<string> {
  let log = '';
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`Prometheus ${reason}:\n${log}`));
    const timeout = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const address = /msg="Listening on" address=(\S+)/.exec(log)?.[1];
      if (address === undefined || !log.includes('Server is ready')) return;
      clearTimeout(timeout);
      resolve(`http://${address}`);
    });
  });
}
