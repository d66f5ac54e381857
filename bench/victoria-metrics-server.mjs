// Runs a real VictoriaMetrics, to compare it with our service and to measure the size of samples in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sizeOfFolder } from './folder-size.mjs';

const SERIES_PER_REQUEST = 64;
const START_ATTEMPTS = 200;
const MERGE_ATTEMPTS = 600;
const PROGRAM = 'victoria-metrics';

/** @returns undefined if no `victoria-metrics` is installed, or if it exits before it is ready */
export async function startVictoriaMetrics() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'custom-metrics-bench-victoria-'));
  const port = await freePort();
  const options = [
    `-storageDataPath=${folder}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=100y',
    // Otherwise it hides the samples of the last half minute.
    '-search.latencyOffset=0s',
  ];
  const child = spawn(PROGRAM, options, { stdio: 'ignore' });
  const exited = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  const url = `http://127.0.0.1:${port}`;
  const end = async (signal) => {
    child.kill(signal);
    await exited;
  };
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  if (!(await isStarted(url, child))) {
    await end('SIGKILL');
    removeFolder();
    return undefined;
  }
  return {
    url,
    pid: child.pid,
    dataFolder: path.join(folder, 'data'),
    /** Ends it, and keeps its folder. */
    end: () => end('SIGTERM'),
    stop: async () => {
      await end('SIGKILL');
      removeFolder();
    },
  };
}

/** @returns the bytes of the samples after a forced merge, without the index of labels; NaN if it is not installed */
export async function sizeInVictoriaMetrics(series) {
  const server = await startVictoriaMetrics();
  if (server === undefined) return NaN;
  const { url } = server;
  try {
    for (let first = 0; first < series.length; first += SERIES_PER_REQUEST) {
      const lines = series.slice(first, first + SERIES_PER_REQUEST).map(({ times, values }, index) =>
        JSON.stringify({
          metric: { __name__: 'shape', n: String(first + index + 1) },
          values: [...values],
          timestamps: [...times],
        }),
      );
      const response = await fetch(`${url}/api/v1/import`, { method: 'POST', body: lines.join('\n') });
      if (!response.ok) throw new Error(`import: ${response.status} ${await response.text()}`);
    }
    for (const step of ['force_flush', 'force_merge']) await fetch(`${url}/internal/${step}`);
    await areOnDisk(
      url,
      series.reduce((sum, { times }) => sum + times.length, 0),
    );
    await server.end();
    return sizeOfFolder(server.dataFolder);
  } finally {
    await server.stop();
  }
}

async function isStarted(url, child) {
  for (let attempt = 0; attempt < START_ATTEMPTS && child.exitCode === null && child.pid !== undefined; attempt++) {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(50);
  }
  return false;
}

/** Waits until files have all samples. A merge goes on after the answer to its request, and a server that ends meanwhile loses it. */
async function areOnDisk(url, samples) {
  for (let attempt = 0; attempt < MERGE_ATTEMPTS; attempt++) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const sum = (pattern) => [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
    const rows = sum(/^vm_rows\{type="storage\/(?:small|big)"\} (\d+)$/gm);
    if (rows === samples && sum(/^vm_active_merges\{[^}]*\} (\d+)$/gm) === 0) return;
    await sleep(100);
  }
  throw new Error(`VictoriaMetrics has not written ${samples} samples to disk`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
