import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Point } from './recording-target.js';
import { eventually } from './eventually.js';
import { steadyPort } from './steady-port.js';

const START_TIMEOUT_MS = 120_000;

/** A program that can be a target of remote write. */
export type TargetProgram = 'prometheus' | 'victoria-metrics';

/** A real target of remote write, which can be killed and started again at the same address. */
export interface WriteTarget {
  readonly writeUrl: string;
  start(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Returns the samples of all series whose names begin with a prefix, by the series as JSON. Stale markers are missing. */
  samples(prefix: string): Promise<Map<string, Point[]>>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

/** Returns whether a program is installed, without running it. */
export function isTargetInstalled(program: TargetProgram): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Creates a target without starting it. */
export async function createWriteTarget(program: TargetProgram): Promise<WriteTarget> {
  const folder = await mkdtemp(path.join(tmpdir(), 'custom-metrics-target-'));
  const port = await steadyPort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = path.join(folder, 'prometheus.yml');
  await writeFile(configFile, '{}');
  const isPrometheus = program === 'prometheus';
  const flags = isPrometheus
    ? [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
      ]
    : [
        `-storageDataPath=${path.join(folder, 'data')}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        '-retentionPeriod=100y',
        '-search.latencyOffset=0s',
        // Without this, VictoriaMetrics keeps a repeated sample twice; see docs/remote-write-out.md.
        '-dedup.minScrapeInterval=1ms',
      ];
  let child: ChildProcess | undefined;

  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    writeUrl: `${url}/api/v1/write`,
    start: async () => {
      child = spawn(program, flags, { stdio: 'ignore' });
      const ready = isPrometheus ? '/-/ready' : '/health';
      await eventually(
        async () => {
          const response = await fetch(`${url}${ready}`);
          if (!response.ok) throw new Error(`${program} answers ${response.status}`);
        },
        { limitMs: START_TIMEOUT_MS },
      );
    },
    kill: () => end('SIGKILL'),
    samples: (prefix) => (isPrometheus ? samplesOfPrometheus(url, prefix) : samplesOfVictoria(url, prefix)),
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function samplesOfPrometheus(url: string, prefix: string): Promise<Map<string, Point[]>> {
  const query = `{__name__=~"${prefix}.*"}[2h]`;
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}&time=${Date.now() / 1000 + 60}`);
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  return new Map(
    data.result.map(({ metric, values }) => [
      keyOf(metric),
      values.map(([at, value]) => [Math.round(at * 1000), Number(value)] as const),
    ]),
  );
}

async function samplesOfVictoria(url: string, prefix: string): Promise<Map<string, Point[]>> {
  // Samples of the last second are not visible before this.
  await fetch(`${url}/internal/force_flush`);
  const response = await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent(`{__name__=~"${prefix}.*"}`)}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const samples = new Map<string, Point[]>();
  for (const line of lines) {
    const { metric, values, timestamps } = JSON.parse(line) as {
      metric: Record<string, string>;
      values: (number | null)[];
      timestamps: number[];
    };
    // One series may be exported in several lines.
    const known = samples.get(keyOf(metric)) ?? [];
    samples.set(keyOf(metric), known);
    for (const [index, value] of values.entries()) if (value !== null) known.push([timestamps[index]!, value]);
  }
  for (const points of samples.values()) points.sort(([a], [b]) => a - b);
  return samples;
}

/** Returns a text for a series, without the label `job`, which the forwarding adds. */
export function keyOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== 'job');
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
