import { snappyCompress } from 'hysnappy';
import { type RandomSeries, sortedLabels } from './random-series.js';
import { firstVersion, type SeriesToWrite } from './remote-write-messages.js';

/**
 * Length of a slice. Prometheus refuses samples that are more than an hour older than its newest one, so each request contains
 * one slice of all series.
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
      body: snappyCompress(
        firstVersion(series.map((each) => sliceOf(each, from, from + SLICE_MS))),
      ) as Uint8Array<ArrayBuffer>,
    });
    if (!response.ok) throw new Error(`remote_write: ${response.status} ${await response.text()}`);
  }
}

/** Returns a series with its samples in [from, to). */
function sliceOf(series: RandomSeries, from: number, to: number): SeriesToWrite {
  const samples = series.times.map((time, index) => [series.values[index]!, time] as const);
  return {
    labels: Object.fromEntries(sortedLabels(series)),
    samples: samples.filter(([, time]) => time >= from && time < to),
  };
}
