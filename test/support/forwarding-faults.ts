import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnPostgres } from '../ledger/own-postgres.js';
import { eventually } from './eventually.js';
import type { Point } from './recording-target.js';
import type { SeededRandom } from './seeded-random.js';
import { getJson, INGEST_TOKEN, startServer, type TestServer } from './server.js';
import { keyOf, type WriteTarget } from './write-targets.js';

const PREFIX = 'faults_';

/** The pause between two pushes of a process. */
const PUSH_INTERVAL_MS = 40;
const PUSH_TIMEOUT_MS = 5_000;

/** Maximum time until everything has arrived. A lease ends after 15 s, and a busy machine takes long to start processes. */
const ARRIVAL_LIMIT_MS = 120_000;

const SETTINGS = {
  COMPACTION_HORIZON_SECONDS: '2',
  COMPACTION_INTERVAL_SECONDS: '1',
  STORE_WAIT_MS: '2000',
  REMOTE_WRITE_SHARDS: '3',
  REMOTE_WRITE_MAX_SAMPLES_PER_SEND: '50',
  REMOTE_WRITE_TIMEOUT: '3s',
};

/** The processes that are killed in a cycle, with `kill -9`. They are started again soon. */
export type ForwardingFault =
  | 'forwarder'
  | 'other process'
  | 'target'
  | 'Postgres'
  /** The forwarder is killed while it keeps resending samples, because the target is down. */
  | 'target, then forwarder'
  /** The forwarder is killed while it can't record in Postgres which samples the target has accepted. */
  | 'Postgres, then forwarder';

const FAULTS: readonly ForwardingFault[] = [
  'forwarder',
  'other process',
  'target',
  'Postgres',
  'target, then forwarder',
  'target, then forwarder',
  'Postgres, then forwarder',
];

/** Time for at least one turn of the forwarder, which starts one each second. */
const A_TURN_MS = 1_500;

/** The samples that are stored, and those that have arrived at the target. */
export interface ForwardingResult {
  readonly stored: readonly StoredSample[];
  readonly arrived: ReadonlyMap<string, readonly Point[]>;
}

/** A stored sample. */
interface StoredSample {
  readonly metric: string;
  readonly labels: Record<string, string>;
  readonly at: Date;
  readonly value: number;
}

/**
 * Runs two processes that forward to a target under load, and kills them, the target and Postgres in turn. Afterwards everything
 * that is stored must have arrived.
 */
export class ForwardingUnderFaults {
  private readonly servers: TestServer[] = [];
  private readonly pushers: Promise<void>[] = [];
  private isEnding = false;
  private postgres!: OwnPostgres;

  constructor(
    private readonly target: WriteTarget,
    private readonly random: SeededRandom,
  ) {}

  async start(): Promise<void> {
    [this.postgres] = await Promise.all([OwnPostgres.start(), this.target.start()]);
    for (const place of [0, 1]) await this.startServer(place);
    await eventually(() =>
      expect(this.servers.map((each) => each.output()).join('')).toContain('The forwarding begins'),
    );
    for (const place of [0, 1]) this.pushers.push(this.pushAlways(place));
  }

  /** Kills one or two processes while samples are forwarded, and starts them again soon. */
  async cycle(fault: ForwardingFault = this.random.pick(FAULTS)): Promise<ForwardingFault> {
    await sleep(this.random.integer(300, 1_500));
    const forwarder = await this.findForwarder();
    const [first, second] = fault.split(', then ');
    if (first === 'target') await this.target.kill();
    else if (first === 'Postgres') this.postgres.kill();
    else await this.servers[first === 'forwarder' ? forwarder : 1 - forwarder]!.kill();
    if (second !== undefined) {
      await sleep(A_TURN_MS);
      await this.servers[forwarder]!.kill();
    }
    await sleep(this.random.integer(0, 2_500));
    if (first === 'target') await this.target.start();
    else if (first === 'Postgres') await this.postgres.restart();
    for (const [place, { process }] of this.servers.entries()) {
      if (process.exitCode !== null || process.signalCode !== null) await this.startServer(place);
    }
    return fault;
  }

  /** Ends the load, waits until everything is forwarded, and returns what is stored and what has arrived. */
  async settle(): Promise<ForwardingResult> {
    this.isEnding = true;
    await Promise.all(this.pushers);
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      await eventually(
        async () => {
          const { rows } = await client.query<{ waiting: string }>(
            `SELECT (SELECT count(*) FROM forwarding_row) + (
               SELECT count(*) FROM sample_batch LEFT JOIN forwarding_position USING (writer_id)
               WHERE sample_batch.sequence > coalesce(forwarding_position.sequence, 0) AND series_ids <> '{}') AS waiting`,
          );
          expect(rows[0]!.waiting).toBe('0');
        },
        { limitMs: ARRIVAL_LIMIT_MS, intervalMs: 250 },
      );
      const { rows } = await client.query<StoredSample>('SELECT metric, labels, at, value FROM metric_sample');
      return { stored: rows, arrived: await this.target.samples(PREFIX) };
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    await Promise.allSettled(this.pushers);
    await Promise.allSettled(this.servers.map((server) => server.kill()));
    await this.target.stop();
    await this.postgres?.stop(false);
  }

  /**
   * Returns the index of the process that forwards. After a crash of the forwarder, this waits until another process has taken
   * over.
   */
  private findForwarder(): Promise<number> {
    return eventually(
      async () => {
        const states = await Promise.all(
          this.servers.map((server) => getJson<{ forwarding: { isActive: boolean } }>(server, '/health')),
        );
        const place = states.findIndex(({ forwarding }) => forwarding.isActive);
        expect(place).toBeGreaterThanOrEqual(0);
        return place;
      },
      { limitMs: ARRIVAL_LIMIT_MS, intervalMs: 100 },
    );
  }

  private async startServer(place: number): Promise<void> {
    const settings = { ...SETTINGS, DATABASE_URL: this.postgres.url, REMOTE_WRITE_URL: this.target.writeUrl };
    this.servers[place] = await startServer(settings);
  }

  /** Pushes until the load ends. A push may fail, because only samples that are stored are compared. */
  private async pushAlways(place: number): Promise<void> {
    for (let round = 0; !this.isEnding; round++) {
      const items = [
        ...Array.from({ length: 20 }, (_, n) => ({
          name: `${PREFIX}changes_total`,
          labels: { n },
          value: (round + n) % 5,
        })),
        ...Array.from({ length: 10 }, (_, n) => ({ name: `${PREFIX}level`, labels: { n, place }, value: round })),
        {
          name: `${PREFIX}open`,
          labels: { place },
          type: 'gauge',
          temporality: 'delta',
          value: round % 2 === 0 ? 1 : -1,
        },
      ];
      await fetch(`${this.servers[place]!.url}/api/client/metrics/custom`, {
        method: 'POST',
        headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify({ metrics: items }),
        signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      }).catch(() => sleep(100));
      await sleep(PUSH_INTERVAL_MS);
    }
  }
}

/**
 * Checks that the increase of each counter in the target equals the sum of the stored changes, that no counter has fallen, that
 * each series ends with its last value, and that the target has no sample twice and none that is not stored.
 *
 * @param hasAllSamples whether the target keeps each sample that it has accepted, even if it is killed
 * @returns what was compared
 */
export function checkArrived({ stored, arrived }: ForwardingResult, hasAllSamples: boolean): string {
  const bySeries = new Map<string, StoredSample[]>();
  for (const sample of stored) {
    const key = keyOf({ __name__: sample.metric, ...sample.labels });
    const known = bySeries.get(key) ?? [];
    bySeries.set(key, known);
    known.push(sample);
  }
  expect(bySeries.size).toBeGreaterThan(30);
  let points = 0;
  let missing = 0;
  for (const [series, samples] of bySeries) {
    const theirs = arrived.get(series) ?? [];
    points += theirs.length;
    const times = theirs.map(([at]) => at);
    expect({ series, twice: times.filter((at, index) => at === times[index - 1]) }).toEqual({ series, twice: [] });
    if (series.includes('level')) missing += checkLevel(series, samples, theirs, hasAllSamples);
    else checkTotal(series, samples, theirs);
  }
  return (
    `${bySeries.size} series: ${stored.length} samples are stored, and the target has ${points}` +
    (hasAllSamples ? '' : `; it has lost ${missing} samples of gauges, which it had accepted before it was killed`)
  );
}

function checkTotal(series: string, samples: readonly StoredSample[], points: readonly Point[]): void {
  const values = points.map(([, value]) => value);
  const sum = samples.reduce((total, { value }) => total + value, 0);
  if (!series.includes('changes_total')) {
    expect({ series, last: values.at(-1) }).toEqual({ series, last: sum });
    return;
  }
  const falls = values.filter((value, index) => index > 0 && value < values[index - 1]!);
  expect({ series, falls }).toEqual({ series, falls: [] });
  expect({ series, first: values[0], increase: values.at(-1)! - values[0]! }).toEqual({
    series,
    first: 0,
    increase: sum,
  });
}

/** @returns the number of samples that the target lacks */
function checkLevel(
  series: string,
  samples: readonly StoredSample[],
  points: readonly Point[],
  hasAllSamples: boolean,
): number {
  // The round number of a process only grows, so if several samples have the same time, the last one has the highest value.
  const expected = new Map<number, number>();
  for (const { at, value } of samples) expected.set(at.getTime(), Math.max(value, expected.get(at.getTime()) ?? 0));
  const ours = [...expected].toSorted(([a], [b]) => a - b);
  expect({ series, last: points.at(-1) }).toEqual({ series, last: ours.at(-1) });
  const times = new Set(points.map(([at]) => at));
  const lost = ours.filter(([at]) => !times.has(at));
  const foreign = points.filter(([at, value]) => expected.get(at) !== value);
  expect({ series, foreign, lost: hasAllSamples ? lost : [] }).toEqual({ series, foreign: [], lost: [] });
  return lost.length;
}
