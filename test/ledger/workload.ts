import type { SeededRandom } from '../support/seeded-random.js';
import { type Labels, seriesName } from './series-name.js';

/** An item of a batch. */
export interface LedgerItem {
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
  /** The time in milliseconds since the epoch. */
  readonly timestamp?: number;
  readonly type?: string;
  readonly temporality?: string;
}

/** A request, which is the same every time it is sent. */
export interface LedgerRequest {
  /** The number of the request. It is also the value of its marker, by which it is found in the stored samples. */
  readonly number: number;
  readonly pusher: string;
  readonly key: string;
  readonly items: readonly LedgerItem[];
  readonly body: string;
}

export const MARKER = 'ledger_marker';
/** A gauge that one pusher writes with coarse times. Among equal times, the request that was sent last must win. */
export const TIED_OWN = 'ledger_tied_own';

/** Metrics whose value is a sum, which never falls. */
export const DELTA_COUNTERS = [
  'ledger_work_total',
  'ledger_mixed_total',
  'ledger_shared_total',
  'ledger_late_total',
  'ledger_new_total',
] as const;

/** Metrics whose value is the one with the newest time. */
export const LAST_VALUES = [MARKER, 'ledger_timed', 'ledger_tied', TIED_OWN, 'ledger_cumulative'] as const;

/** Metrics that a run renames and deletes from. The markers stay as they are, because they say which requests are stored. */
export const CHANGEABLE_METRICS = [...DELTA_COUNTERS, ...LAST_VALUES].filter((metric) => metric !== MARKER);

/** Metrics whose samples have a time from the client, so that the time is compared as well. */
export const TIMED_METRICS: readonly string[] = ['ledger_late_total', 'ledger_timed', 'ledger_tied', TIED_OWN];

/** Doubles whose plain sum depends on the order of the additions, so that a total summed in another order could be lower. */
const FRACTIONS = [0.1, 0.25, 0.7, 1 / 3];
const MIXED = [1e9, 0.1, 123_456.789, 1e-3, 2 ** 40];
/** The resolution of the tied times. It is coarse, so that many samples of several processes have the same time. */
const TIE_MS = 2_000;
const LATE_MS = 10 * 60_000;

/** Generates the samples that one pusher sends. */
export class Workload {
  private count = 0;
  private cumulative = 0;

  constructor(
    private readonly pusher: string,
    private readonly runId: string,
    private readonly random: SeededRandom,
    private readonly nextNumber: () => number,
    private readonly requestsPerNewSeries: number,
  ) {}

  next(): LedgerRequest {
    const number = this.nextNumber();
    const items = [...this.itemsOf(number)];
    this.count++;
    return {
      number,
      pusher: this.pusher,
      key: `${this.runId}-${number}`,
      items,
      body: JSON.stringify({ metrics: items }),
    };
  }

  private *itemsOf(number: number): Generator<LedgerItem> {
    const { pusher, random } = this;
    const now = Date.now();
    const labels = { pusher };
    yield { name: MARKER, value: number, labels };
    yield { name: 'ledger_work_total', value: random.pick(FRACTIONS), labels: { pusher, kind: 'fraction' } };
    yield { name: 'ledger_mixed_total', value: random.pick(MIXED), labels };
    yield { name: 'ledger_shared_total', value: 0.1, labels: {} };
    if (random.isTrue(0.2)) {
      yield {
        name: 'ledger_late_total',
        value: random.pick(FRACTIONS),
        labels,
        timestamp: now - random.integer(0, LATE_MS),
      };
    }
    if (random.isTrue(0.2)) {
      yield { name: 'ledger_timed', value: number, labels, timestamp: now - random.integer(0, 3_000) };
    }
    const coarse = now - (now % TIE_MS);
    if (random.isTrue(0.3)) yield { name: 'ledger_tied', value: number, labels: {}, timestamp: coarse };
    if (random.isTrue(0.3)) yield { name: TIED_OWN, value: number, labels, timestamp: coarse };
    if (random.isTrue(0.2)) {
      this.cumulative += 0.1;
      yield { name: 'ledger_cumulative', value: this.cumulative, labels, type: 'counter', temporality: 'cumulative' };
    }
    if (random.isTrue(4 / this.requestsPerNewSeries)) {
      // Series are created all the time, even during a fault.
      const group = String(Math.floor(this.count / this.requestsPerNewSeries));
      yield { name: 'ledger_new_total', value: 1, labels: { pusher, group } };
    }
  }
}

/** Returns a key that is the same for an item as it was sent and as it is stored. */
export function sampleKey({ name, labels, value, timestamp }: LedgerItem): string {
  const at = TIMED_METRICS.includes(name) ? ` at ${timestamp}` : '';
  return `${seriesName(name, labels)} ${value}${at}`;
}
