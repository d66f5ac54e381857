import { effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { isAdmitted, secret } from '../api/credentials.js';
import { isLive, isMoving } from '../router/view.js';
import { ApiProblem } from '../api/problem.js';
import { readLiveStream, type PushedMetrics } from './live-stream.js';
import { pollPushes } from './poll-pushes.js';

/** When each metric was pushed last, as far as this page noticed, in milliseconds since the epoch. */
const pushedAt = new Map<string, number>();

/** When anything was pushed last. */
const newest = signal(0);

/** When the server could not list what was pushed, so that everything may be new. */
let everythingAt = 0;

/** A panel asks for new points at most this often. */
const PANEL_EVERY_MS = 5000;

/** The server ends streams from time to time, and a page that connects again at once would not help a server that is busy. */
const CONNECT_AGAIN_MS = 2000;

/** How long the page asks by itself, when the server has no stream left for it. */
const POLL_INSTEAD_MS = 30_000;

/** Learns from now on what is being pushed, while the tab is visible and somebody wants to follow it. */
export function followPushes(): void {
  let controller = new AbortController();
  const restart = () => {
    controller.abort();
    controller = new AbortController();
    if (isAdmitted.peek() && isLive.peek() && isMoving.peek() && !document.hidden) void follow(controller.signal);
  };
  effect(() => {
    // Only these decide; what is noticed must not start it again.
    void [isAdmitted.value, secret.value, isLive.value, isMoving.value];
    restart();
  });
  document.addEventListener('visibilitychange', restart);
}

async function follow(signal: AbortSignal): Promise<void> {
  let isFirst = true;
  while (!signal.aborted) {
    // What was pushed while the page did not listen is not listed.
    if (!isFirst) notice(null);
    isFirst = false;
    try {
      await readLiveStream(notice, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && (error.status === 404 || error.status === 403))
        return pollPushes(notice, signal);
      if (error instanceof ApiProblem && (error.status === 429 || error.status === 503)) {
        // All streams are taken. Asking again and again works meanwhile.
        const wait = Math.max(error.retryAfterMs ?? 0, POLL_INSTEAD_MS);
        await pollPushes(notice, AbortSignal.any([signal, AbortSignal.timeout(wait)]));
        continue;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, CONNECT_AGAIN_MS));
  }
}

function notice(metrics: PushedMetrics): void {
  const now = Date.now();
  if (metrics === null) everythingAt = now;
  for (const metric of metrics ?? []) pushedAt.set(metric, now);
  newest.value = now;
}

/**
 * Returns a number that changes when a metric was pushed, at most every five seconds. A histogram stands for its counters. Null
 * stands for every metric.
 */
export function usePushVersion(metric: string | null, everyMs = PANEL_EVERY_MS): number {
  const [version, setVersion] = useState(0);
  const at = metric === null ? newest.value : Math.max(newest.value && everythingAt, pushedAt.get(metric) ?? 0);
  useEffect(() => {
    if (at === 0) return undefined;
    const wait = Math.max(0, version + everyMs - Date.now());
    const timer = setTimeout(() => setVersion(Date.now()), wait);
    return () => clearTimeout(timer);
    // The version is when the panel asked last, so it must not count as a push.
  }, [at]);
  return version;
}
