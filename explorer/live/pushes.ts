import { effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { isAdmitted, secret } from '../api/credentials.js';
import { isLive, isMoving } from '../router/view.js';
import { ApiProblem } from '../api/problem.js';
import { readLiveStream, type PushedMetrics } from './live-stream.js';
import { pollPushes } from './poll-pushes.js';

/** The time at which this page learned of the last push of each metric, in milliseconds since the epoch. */
const pushedAt = new Map<string, number>();

/** The time at which this page learned of the last push of any metric. */
const newest = signal(0);

/** The last time at which the page did not know which metrics were pushed, so any metric may have received samples before it. */
let everythingAt = 0;

/** Minimum time between two requests of a panel for new points. */
const PANEL_EVERY_MS = 5000;

/**
 * The pause before the page connects again after a stream has ended. Without it, the page would add to the load of a busy server.
 */
const CONNECT_AGAIN_MS = 2000;

/**
 * Minimum time that the page polls after the server has refused a stream because all are taken. Then it requests a stream again.
 */
const POLL_INSTEAD_MS = 30_000;

/**
 * Starts following pushes. They are followed while the page is admitted and visible, live updates are on, and the range ends now.
 */
export function followPushes(): void {
  let controller = new AbortController();
  const restart = () => {
    controller.abort();
    controller = new AbortController();
    if (isAdmitted.peek() && isLive.peek() && isMoving.peek() && !document.hidden) void follow(controller.signal);
  };
  effect(() => {
    // Only these signals restart the stream. A push, which changes other signals, must not restart it.
    void [isAdmitted.value, secret.value, isLive.value, isMoving.value];
    restart();
  });
  document.addEventListener('visibilitychange', restart);
}

async function follow(signal: AbortSignal): Promise<void> {
  let isFirst = true;
  while (!signal.aborted) {
    // The stream does not list what was pushed while the page was not connected.
    if (!isFirst) notice(null);
    isFirst = false;
    try {
      await readLiveStream(notice, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && (error.status === 404 || error.status === 403))
        return pollPushes(notice, signal);
      if (error instanceof ApiProblem && (error.status === 429 || error.status === 503)) {
        // All streams are taken, so the page polls in the meantime.
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
 * Returns a number that changes when a metric is pushed, but at most every five seconds by default. A push to a counter of a
 * histogram counts as a push of the histogram. If `metric` is null, pushes of all metrics count.
 */
export function usePushVersion(metric: string | null, everyMs = PANEL_EVERY_MS): number {
  const [version, setVersion] = useState(0);
  const at = metric === null ? newest.value : Math.max(newest.value && everythingAt, pushedAt.get(metric) ?? 0);
  useEffect(() => {
    if (at === 0) return undefined;
    const wait = Math.max(0, version + everyMs - Date.now());
    const timer = setTimeout(() => setVersion(Date.now()), wait);
    return () => clearTimeout(timer);
    // The version is the time of the panel's last request, so a change of the version must not count as a push.
  }, [at]);
  return version;
}
