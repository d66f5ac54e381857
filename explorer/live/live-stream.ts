import { send } from '../api/requests.js';
import { EventParser } from './event-stream.js';

/**
 * The names of the metrics that have received samples. Null means that the names are not all known, so any metric may have
 * received some.
 */
export type PushedMetrics = readonly string[] | null;

interface SamplesEvent {
  metrics: { metric: string }[];
  truncated: boolean;
}

/** A connection on which nothing arrives for this long, not even a heartbeat, counts as broken. */
const SILENCE_MS = 40_000;

/**
 * Reports which metrics are pushed, until the stream ends. It uses `fetch`, because an `EventSource` cannot send a token. It
 * throws an `ApiProblem` if the server refuses the stream or does not answer.
 */
export async function readLiveStream(onPushes: (metrics: PushedMetrics) => void, signal: AbortSignal): Promise<void> {
  const silence = new AbortController();
  const answer = await send('/api/history/live', {
    query: { families: true },
    accept: 'text/event-stream',
    signal: AbortSignal.any([signal, silence.signal]),
  });
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = answer.body!.getReader();
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    for (const { name, data } of parser.take(decoder.decode(value, { stream: true }))) {
      if (name !== 'samples') continue;
      const { metrics, truncated } = JSON.parse(data) as SamplesEvent;
      onPushes(truncated ? null : metrics.map(({ metric }) => metric));
    }
  }
}
