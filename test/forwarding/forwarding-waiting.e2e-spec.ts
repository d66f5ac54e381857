import { deleteSamples } from '../support/corrections.js';
import { eventually } from '../support/eventually.js';
import { type RecordingTarget, startRecordingTarget } from '../support/recording-target.js';
import { remove } from '../support/removal.js';
import { rename } from '../support/renames.js';
import { type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const JOB = 'job="custom-metrics"';
/** An answer may wait for an attempt after the pauses between the attempts have grown, and for work that is done every 10 s. */
const LATER = { limitMs: 40_000 };

describe('samples that wait for a target that is away', () => {
  let target: RecordingTarget;
  let server: TestServer;

  const store = storeUnderTest('all');

  beforeAll(async () => {
    target = await startRecordingTarget();
    server = await store.start({
      REMOTE_WRITE_URL: target.url,
      COMPACTION_HORIZON_SECONDS: '1',
      COMPACTION_INTERVAL_SECONDS: '1',
    });
    await eventually(() => expect(server.output()).toContain('The forwarding begins'));
  });

  afterAll(() => target.stop());

  const pushed = async (...items: Item[]) => expect((await push(server, items)).status).toBe(202);
  /** Returns the values that a target has in the end: in the order of their times, and repeated samples once. */
  const valuesOf = (name: string) =>
    [...new Map(target.points(`${name}{${JOB}}`))].toSorted(([a], [b]) => a - b).map(([, value]) => value);
  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  const comesBack = () => target.answerBy(() => undefined);

  /** Pushes while the target is away, so that these samples are on their way, but have not arrived. */
  async function pushedOnTheWay(...items: Item[]): Promise<void> {
    target.answerBy(() => ({ status: 503 }));
    const { requests } = target;
    await pushed(...items);
    await eventually(() => expect(target.requests).toBeGreaterThan(requests));
  }

  /** Pushes samples that leave the log and wait. */
  async function pushedWaiting(...items: Item[]): Promise<void> {
    await pushed(...items);
    await eventually(async () => expect(await count("sample_batch WHERE series_ids <> '{}'")).toBe(0));
    expect(await count('forwarding_row')).toBeGreaterThan(0);
  }

  it('are not sent if they are deleted, and the totals are right without them', async () => {
    const at = Date.now() - 60_000;
    const both = (seconds: number, change: number, level: number): Item[] => [
      { name: 'wait_total', value: change, timestamp: at + seconds * 1_000 },
      { name: 'wait_level', value: level, timestamp: at + seconds * 1_000 },
    ];
    await pushed(...both(0, 10, 1));
    await eventually(() => expect(valuesOf('wait_total')).toEqual([0, 10]));
    await pushedOnTheWay(...both(10, 100, 99), ...both(15, 3, 2));
    await pushedWaiting(...both(11, 1_000, 98), ...both(30, 5, 3));
    const range = `from=${at + 5_000}&to=${at + 14_000}&dryRun=false`;
    for (const metric of ['wait_total', 'wait_level']) {
      expect((await deleteSamples(server, metric, range)).body).toMatchObject({ sampleCount: 2 });
    }
    await pushed(...both(40, 7, 4));
    comesBack();
    await eventually(() => expect(valuesOf('wait_total')).toEqual([0, 10, 13, 18, 25]), LATER);
    expect(valuesOf('wait_level')).toEqual([1, 2, 3, 4]);
    expect(valueOn(await scrape(server), 'wait_total')).toBe(25);
    // The totals are computed again after a correction, and that changes nothing here.
    await eventually(() => expect(server.output()).toContain('were computed again'));
    await pushed({ name: 'wait_total', value: 1 });
    await eventually(() => expect(valuesOf('wait_total')).toEqual([0, 10, 13, 18, 25, 26]));
  });

  it('are not sent if their metric is deleted, and get the new name of a metric that is renamed', async () => {
    const both = (value: number): Item[] => [
      { name: 'wait_gone', value },
      { name: 'wait_old', value },
    ];
    await pushed(...both(1));
    await eventually(() => expect([valuesOf('wait_gone'), valuesOf('wait_old')]).toEqual([[1], [1]]));
    await pushedOnTheWay(...both(2));
    await pushedWaiting(...both(3));
    expect((await remove(server, 'wait_gone?dryRun=false')).status).toBe(200);
    expect((await rename(server, 'wait_old', 'wait_new')).status).toBe(200);
    await pushed({ name: 'wait_new', value: 4 }, { name: 'wait_gone', value: 5 });
    comesBack();
    await eventually(() => expect(valuesOf('wait_new')).toEqual([2, 3, 4]), LATER);
    const dropped = 'custom_metrics_forwarding_dropped_samples_total{reason="series_deleted"}';
    await eventually(async () => expect(valueOn(await scrape(server), dropped)).toBe(2));
    // The new series of that name begins, and the former one is marked as stale at the time of its deletion.
    await eventually(() => expect(valuesOf('wait_gone')).toEqual([1, NaN, 5]), LATER);
    await eventually(() => expect(valuesOf('wait_old')).toEqual([1, NaN]), LATER);
  });

  it('leave nothing behind once they are forwarded', async () => {
    await eventually(async () => expect(await count('forwarding_correction')).toBe(0), LATER);
    expect(await count('forwarding_row')).toBe(0);
  });
});
