import { effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { secret } from '../api/credentials.js';
import { request } from '../api/requests.js';
import type { MetricsPage } from '../api/types.js';
import { isLive, isMoving } from '../router/view.js';

/** The newest push of each metric that this page noticed, in milliseconds since the epoch. */
const newest = new Map<string, number>();

/** Counts the rounds in which something was pushed. */
export const pushVersion = signal(0);

/** How often the page asks what was pushed. */
const ASK_EVERY_MS = 2000;

/** A panel asks for new points at most this often. */
const PANEL_EVERY_MS = 5000;

/** Asks from now on which metrics are being pushed, while the tab is visible and somebody wants to follow them. */
export function followPushes(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let controller = new AbortController();
  const ask = async (signal: AbortSignal): Promise<void> => {
    const query = { order: 'lastPush', limit: 20, families: true };
    const page = await request<MetricsPage>('/api/history/metrics', { query, signal }).catch(() => null);
    if (signal.aborted) return;
    if (page !== null && notice(page)) pushVersion.value += 1;
    timer = setTimeout(() => void ask(signal), ASK_EVERY_MS);
  };
  const restart = () => {
    controller.abort();
    clearTimeout(timer);
    controller = new AbortController();
    if (secret.peek() !== null && isLive.peek() && isMoving.peek() && !document.hidden) void ask(controller.signal);
  };
  effect(() => {
    // Only these decide; what `ask` reads must not start it again.
    void [secret.value, isLive.value, isMoving.value];
    restart();
  });
  document.addEventListener('visibilitychange', restart);
}

/** Remembers the times of a page of metrics, and tells whether one of them is new. */
function notice({ metrics }: MetricsPage): boolean {
  const isFirst = newest.size === 0;
  let isNew = false;
  for (const { name, lastPushAt } of metrics) {
    const at = lastPushAt === null ? 0 : Date.parse(lastPushAt);
    if (at <= (newest.get(name) ?? 0)) continue;
    newest.set(name, at);
    isNew = true;
  }
  return isNew && !isFirst;
}

/**
 * Returns a number that changes when a metric was pushed, at most every five seconds. A histogram stands for its counters. Null
 * stands for every metric.
 */
export function usePushVersion(metric: string | null): number {
  const [version, setVersion] = useState(0);
  const at = metric === null ? pushVersion.value : pushedAt(metric);
  useEffect(() => {
    if (at === 0) return undefined;
    const wait = Math.max(0, version + PANEL_EVERY_MS - Date.now());
    const timer = setTimeout(() => setVersion(Date.now()), wait);
    return () => clearTimeout(timer);
    // The version is when the panel asked last, so it must not count as a push.
  }, [at]);
  return version;
}

function pushedAt(metric: string): number {
  return pushVersion.value === 0 ? 0 : (newest.get(metric) ?? 0);
}
