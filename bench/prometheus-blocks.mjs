// Measures the size of samples in compacted blocks of a real Prometheus, which `promtool` writes.
import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sizeOfFolder } from './folder-size.mjs';

/** Prometheus compacts blocks of two hours to longer ones, so all samples of a day are written into one block. */
const BLOCK_DURATION = '24h';

/** @returns the bytes of all blocks with their indexes; NaN if `promtool` is not installed */
export async function sizeInPrometheus(series) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'custom-metrics-bench-promtool-'));
  try {
    const file = path.join(folder, 'samples.om');
    await writeOpenMetrics(file, series);
    const data = path.join(folder, 'data');
    const options = [`--max-block-duration=${BLOCK_DURATION}`];
    await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', ...options, 'openmetrics', file, data]);
    return sizeOfFolder(data);
  } catch (error) {
    if (error.code === 'ENOENT') return NaN;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeOpenMetrics(file, series) {
  const stream = createWriteStream(file);
  stream.write('# TYPE shape unknown\n');
  for (const [index, { times, values }] of series.entries()) {
    const lines = Array.from(times, (at, place) => `shape{n="${index + 1}"} ${values[place]} ${at / 1000}\n`);
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
  stream.end('# EOF\n');
  await once(stream, 'finish');
}
