import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnPostgres } from '../ledger/own-postgres.js';
import { eventually } from './eventually.js';
import type { SeededRandom } from './seeded-random.js';
import { INGEST_TOKEN, startServer, type TestServer } from './server.js';
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

/** A stored sample. */
interface StoredSample {
  readonly metric: string;
  readonly labels: Record<string, string>;
  readonly at: Date;
  readonly value: number;
}

/**
 * Runs two processes that forward to a target under load, and kills them, the target and Postgres in turn. Afterwards everything that
 * is stored must have arrived.
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

  /** Kills something, and starts it again soon. */
  async cycle(): Promise<string> {
    await sleep(this.random.integer(300, 1_500));
    const victim = this.random.pick(['a process', 'a process', 'the target', 'Postgres']);
    const pauseMs = this.random.integer(0, 2_500);
    if (victim === 'the target') {
      await this.target.kill();
      await sleep(pauseMs);
      await this.target.start();
    } else if (victim === 'Postgres') {
      this.postgres.kill();
      await sleep(pauseMs);
      await this.postgres.restart();
    } else {
      const place = this.random.integer(0, 1);
      await this.servers[place]!.kill();
      await sleep(pauseMs);
      await this.startServer(place);
    }
    return victim;
  }

  /** Ends the load, waits until everything is forwarded, and returns what is stored and what has arrived. */
  async settle(): Promise<{ stored: readonly StoredSample[]; arrived: Awaited<ReturnType<WriteTarget['samples']>> }> {
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

  private async startServer(place: number): Promise<void> {
    const settings = { ...SETTINGS, DATABASE_URL: this.postgres.url, REMOTE_WRITE_URL: this.target.writeUrl };
    this.servers[place] = await startServer(settings);
  }

  /** Pushes until the end. A push may fail, because only what is stored counts in the end. */
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
 * Checks that the increase of each counter in the target is that of the stored changes, that no counter has fallen, and that each
 * series ends with its last value.
 *
 * @param hasAllSamples whether the target keeps each sample that it has accepted, even if it is killed
 */
export function checkArrived(
  { stored, arrived }: Awaited<ReturnType<ForwardingUnderFaults['settle']>>,
  hasAllSamples: boolean,
): void {
  const bySeries = new Map<string, StoredSample[]>();
  for (const sample of stored) {
    const key = keyOf({ __name__: sample.metric, ...sample.labels });
    bySeries.set(key, [...(bySeries.get(key) ?? []), sample]);
  }
  expect(bySeries.size).toBeGreaterThan(30);
  for (const [series, samples] of bySeries) {
    const points = arrived.get(series) ?? [];
    const ours = samples.toSorted((a, b) => a.at.getTime() - b.at.getTime());
    const values = points.map(([, value]) => value);
    const sum = ours.reduce((total, { value }) => total + value, 0);
    if (series.includes('changes_total')) {
      const falls = values.filter((value, index) => index > 0 && value < values[index - 1]!);
      expect({ series, falls, last: values.at(-1) }).toEqual({ series, falls: [], last: sum });
      if (hasAllSamples) expect({ series, first: values[0] }).toEqual({ series, first: 0 });
    } else if (series.includes('open')) {
      expect({ series, last: values.at(-1) }).toEqual({ series, last: sum });
    } else if (hasAllSamples) {
      const times = [...new Set(ours.map(({ at }) => at.getTime()))];
      expect({ series, times: points.map(([at]) => at) }).toEqual({ series, times });
    } else expect({ series, last: values.at(-1) }).toEqual({ series, last: ours.at(-1)!.value });
  }
}
