// Runs a real Prometheus and writes samples to it, so that it can be compared with our service.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import { snappyCompress } from 'hysnappy';

/** @returns undefined if no `prometheus` is installed, or if it exits before it is ready */
export async function startPrometheus() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'custom-metrics-bench-prometheus-'));
  const configFile = path.join(folder, 'prometheus.yml');
  writeFileSync(configFile, '{}');
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--web.enable-remote-write-receiver',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit').catch(() => undefined);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const url = await new Promise((resolve) => {
    let log = '';
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
    child.stderr.on('data', (chunk) => {
      log += chunk;
      const address = /msg="Listening on" address=(\S+)/.exec(log)?.[1];
      if (address && log.includes('Server is ready')) resolve(`http://${address}`);
    });
  });
  if (url === undefined) {
    removeFolder();
    return undefined;
  }
  return {
    url,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      removeFolder();
    },
  };
}

/**
 * Sends series by remote_write to any server that receives it.
 *
 * @param series labels with `__name__`, and samples in time order
 */
export async function writeSeries(url, series) {
  const writer = protobuf.Writer.create();
  for (const { labels, times, values } of series) {
    writer.uint32(0x0a).fork();
    for (const name of Object.keys(labels).toSorted()) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(labels[name]).ldelim();
    }
    for (let index = 0; index < times.length; index++) {
      writer.uint32(0x12).fork().uint32(0x09).double(values[index]).uint32(0x10).int64(times[index]).ldelim();
    }
    writer.ldelim();
  }
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
    body: snappyCompress(writer.finish()),
  });
  if (!response.ok) throw new Error(`remote_write: ${response.status} ${await response.text()}`);
}
