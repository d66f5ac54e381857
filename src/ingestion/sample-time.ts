import { Refusal } from '../catalog/refusal.js';
import { FUTURE_TOLERANCE_MS } from '../database/future-tolerance.js';
import type { CustomMetricsOptions } from '../custom-metrics.options.js';
import type { DatabaseClock } from '../database/database-clock.js';
import { DAY_MS, MINUTE_MS } from '../scheduling/units-of-time.js';

/** Returns the time before which samples are not kept. */
export function oldestKept(clock: DatabaseClock, { store }: Pick<CustomMetricsOptions, 'store'>): number {
  return clock.now() - store.retentionDays * DAY_MS;
}

/** Refuses a time that is older than the retention, or further in the future than clocks may differ. */
export function checkTime(
  timestamp: number | null | undefined,
  oldest: number,
  newest: number,
  retentionDays: number,
): Refusal | undefined {
  if (typeof timestamp !== 'number') return undefined;
  if (timestamp < oldest) {
    return new Refusal(
      'timestamp_too_old',
      `The sample's time ${describeTime(timestamp)} is older than the retention allows (RETENTION_DAYS is ${retentionDays}). ` +
        'Is it in seconds? It has to be milliseconds since the epoch, or ISO 8601.',
    );
  }
  if (timestamp > newest) {
    return new Refusal(
      'timestamp_too_new',
      `The sample's time ${describeTime(timestamp)} is more than ${FUTURE_TOLERANCE_MS / MINUTE_MS} minutes ahead. ` +
        'Check the sender\'s clock, or leave out "timestamp".',
    );
  }
  return undefined;
}

function describeTime(timestamp: number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}
