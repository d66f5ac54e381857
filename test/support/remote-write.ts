import { Writer } from 'protobufjs/minimal.js';
import { snappyCompress } from 'hysnappy';
import { type RandomSeries, sortedLabels } from './random-series.js';

/**
 * Length of a slice. Prometheus refuses samples that are an hour older than its newest one, so each request contains one slice
 * of all series.
 */
const SLICE_MS = 20 * 60_000;

/** Sends series to a Prometheus that runs with `--web.enable-remote-write-receiver`, one slice of time after another. */
export async function remoteWrite(prometheusUrl: string, series: readonly RandomSeries[]): Promise<void> {
  const first = Math.min(...series.map(({ times }) => times[0]!));
  const last = Math.max(...series.map(({ times }) => times.at(-1)!));
  for (let from = first; from <= last; from += SLICE_MS) {
    const response = await fetch(`${prometheusUrl}/api/v1/write`, {
      method: 'POST',
      headers: {
        'Content-Encoding': 'snappy',
        'Content-Type': 'application/x-protobuf',
        'X-Prometheus-Remote-Write-Version': '0.1.0',
      },
      body: snappyCompress(writeRequest(series, from, from + SLICE_MS)) as Uint8Array<ArrayBuffer>,
    });
    if (!response.ok) throw new Error(`remote_write: ${response.status} ${await response.text()}`);
  }
}

/** Returns a `prometheus.WriteRequest` with the samples in [from, to). */
function writeRequest(series: readonly RandomSeries[], from: number, to: number): Uint8Array {
  const writer = Writer.create();
  for (const each of series) {
    writer.uint32(0x0a).fork();
    for (const [name, value] of sortedLabels(each)) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    }
    each.times.forEach((time, index) => {
      if (time < from || time >= to) return;
      writer.uint32(0x12).fork().uint32(0x09).double(each.values[index]!).uint32(0x10).int64(time).ldelim();
    });
    writer.ldelim();
  }
  return writer.finish();
}
