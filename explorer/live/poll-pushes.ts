import { request } from '../api/requests.js';
import type { MetricsPage } from '../api/types.js';
import type { PushedMetrics } from './live-stream.js';

const ASK_EVERY_MS = 2000;

/** The number of metrics that an answer lists. */
const LISTED = 20;

/** Polls the recently pushed metrics until the signal is aborted. This is for pages for which the server has no live stream. */
export async function pollPushes(onPushes: (metrics: PushedMetrics) => void, signal: AbortSignal): Promise<void> {
  const known = new Map<string, string | null>();
  let isFirst = true;
  while (!signal.aborted) {
    const query = { order: 'lastPush', limit: LISTED, families: true };
    const page = await request<MetricsPage>('/api/history/metrics', { query, signal }).catch(() => null);
    if (page !== null) {
      const pushed = page.metrics.filter(({ name, lastPushAt }) => known.get(name) !== lastPushAt);
      for (const { name, lastPushAt } of pushed) known.set(name, lastPushAt);
      // The first answer lists only earlier pushes, so nothing is reported.
      if (!isFirst && pushed.length > 0) onPushes(pushed.length < LISTED ? pushed.map(({ name }) => name) : null);
      isFirst = false;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
