import { NOW, pass } from '../../../test/support/machines/fake-clock.js';
import { seriesOf } from '../../../test/support/machines/series.js';
import { receiptOf } from '../../../test/support/machines/waiting-requests.js';
import { completeOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import type { Landmark } from '../../database/known-database.js';
import type { StopLimit } from '../../database/connections/stop-limit.js';
import type { Series } from '../../catalog/series/series.js';
import type { CommitGroup } from './commit-group.js';
import type { GroupCommitter } from './group-committer.js';
import { SampleLog } from './sample-log.js';
import type { SampleStoreMetrics } from './sample-store.metrics.js';

const WAIT_MS = 5_000;
const QUEUE_SAMPLES = 300_000;

/** Stands in for a committer, and ends a commit when the test says so. */
class HeldCommitter implements Pick<
  GroupCommitter,
  'commit' | 'writeAs' | 'writer' | 'isStalled' | 'stop' | 'noteStall' | 'noteRecovery'
> {
  writer: Landmark | undefined = { id: 1, at: NOW };
  isStalled = false;
  isStopped = false;
  recoveries = 0;
  readonly groups: CommitGroup[] = [];
  private readonly endings: { resolve: () => void; reject: (error: Error) => void }[] = [];

  commit(group: CommitGroup): Promise<void> {
    this.groups.push(group);
    return new Promise((resolve, reject) => this.endings.push({ resolve, reject }));
  }

  /** Ends the running commit successfully. */
  async succeed(): Promise<void> {
    this.groups.at(-1)!.resolve();
    this.endings.shift()!.resolve();
    await pass(0);
  }

  async fail(message: string): Promise<void> {
    this.endings.shift()!.reject(new Error(message));
    await pass(0);
  }

  writeAs(writer: Landmark): void {
    this.writer = writer;
  }

  stop(): void {
    this.isStopped = true;
  }

  noteStall(): void {
    this.isStalled = true;
  }

  noteRecovery(): void {
    this.isStalled = false;
    this.recoveries++;
  }
}

/**
 * The log is idle (nothing waits) or committing (the committer has one group, and a queue collects the next one). An append makes
 * an idle log commit. When a commit ends, the next group is taken from the queue, or the log is idle again. Requests leave the
 * queue early when they are overdue, or when the writer changes.
 */
describe('SampleLog', () => {
  let committer: HeldCommitter;
  let log: SampleLog;
  let queued: number;
  let endings: (() => Promise<void>)[];

  beforeEach(() => {
    committer = new HeldCommitter();
    endings = [];
    const metrics: Pick<SampleStoreMetrics, 'setQueued'> = { setQueued: (samples) => (queued = samples) };
    const stopLimit: Pick<StopLimit, 'waitFor'> = { waitFor: (end) => endings.push(end) };
    log = new SampleLog(
      committer as Partial<GroupCommitter> as GroupCommitter,
      metrics as SampleStoreMetrics,
      stopLimit as StopLimit,
      completeOptions({ store: { waitMs: WAIT_MS, queueSamples: QUEUE_SAMPLES } }),
    );
  });

  /** Appends one sample for each series, and records how the request ends. */
  function append(series: readonly Series[], key?: string): string[] {
    const ends: string[] = [];
    const samples = { series, values: new Float64Array(series.length), timestamps: null };
    log.append(samples, key === undefined ? undefined : receiptOf(key)).then(
      () => ends.push('stored'),
      (error: Error) => ends.push(`${error.name}: ${error.message}`),
    );
    return ends;
  }

  const many = (count: number) => Array.from<Series>({ length: count }).fill(seriesOf(1));
  const sizes = () => committer.groups.map(({ size }) => size);

  it('goes from idle to committing with an append, and back when the commit ends', async () => {
    const ends = append([seriesOf(1)]);
    await pass(0);
    expect({ sizes: sizes(), ends, queued }).toEqual({ sizes: [1], ends: [], queued: 1 });
    await committer.succeed();
    expect({ sizes: sizes(), ends, queued }).toEqual({ sizes: [1], ends: ['stored'], queued: 0 });
    append([seriesOf(2)]);
    await pass(0);
    expect(sizes()).toEqual([1, 1]);
  });

  it('commits together what arrives in one turn', async () => {
    append([seriesOf(1)]);
    append([seriesOf(2), seriesOf(3)]);
    await pass(0);
    expect(sizes()).toEqual([3]);
  });

  it('gathers the next group while one commits, and never has two under way', async () => {
    append([seriesOf(1)]);
    await pass(0);
    append([seriesOf(2)]);
    append([seriesOf(3)]);
    await pass(100);
    expect({ sizes: sizes(), queued }).toEqual({ sizes: [1], queued: 3 });
    await committer.succeed();
    expect({ sizes: sizes(), queued }).toEqual({ sizes: [1, 2], queued: 2 });
  });

  it('knows when a request arrived although the clock of this process is set while the request waits', async () => {
    append([seriesOf(1)]);
    await pass(0);
    append([seriesOf(2)]);
    await pass(100);
    jest.setSystemTime(NOW + 100 + 3_600_000);
    const clock = new DatabaseClock();
    clock.observe(NOW + 100, performance.now());
    await committer.succeed();
    expect([...committer.groups[1]!.toRow(clock).timestamps!]).toEqual([NOW]);
  });

  it('limits a group to the size of one row, and keeps the order of arrival', async () => {
    append(many(150_000));
    append(many(50_000));
    append(many(2));
    append(many(1));
    await pass(0);
    expect(sizes()).toEqual([200_000]);
    await committer.succeed();
    expect(sizes()).toEqual([200_000, 3]);
  });

  it('commits a request alone that is larger than one row', async () => {
    append(many(250_000));
    append(many(1));
    await pass(0);
    expect(sizes()).toEqual([250_000]);
  });

  it('refuses with 503 a request that does not fit into the queue, and takes it after the commit', async () => {
    append(many(QUEUE_SAMPLES));
    const refused = append([seriesOf(1)]);
    await pass(0);
    expect(refused).toEqual([expect.stringMatching(/^StoreUnavailableError: .*STORE_QUEUE_SAMPLES.* 300000/)]);
    expect(queued).toBe(QUEUE_SAMPLES);
    await committer.succeed();
    const taken = append([seriesOf(1)]);
    await pass(0);
    await committer.succeed();
    expect(taken).toEqual(['stored']);
  });

  it('refuses series of a database that the process has left', async () => {
    const foreign = seriesOf(2);
    foreign.isForeign = true;
    const refused = append([seriesOf(1), foreign]);
    await pass(0);
    expect(refused).toEqual([expect.stringMatching(/^DatabaseChangedError/)]);
    expect(sizes()).toEqual([]);
  });

  it('rejects the requests of a group whose commit fails, and continues with the next group', async () => {
    const failed = append([seriesOf(1)]);
    await pass(0);
    const next = append([seriesOf(2)]);
    await committer.fail('integer out of range');
    expect({ failed, next, queued }).toEqual({ failed: ['Error: integer out of range'], next: [], queued: 1 });
    await committer.succeed();
    expect({ next, queued }).toEqual({ next: ['stored'], queued: 0 });
  });

  it('answers 503 to a queued request that is overdue, and leaves it out of the next group', async () => {
    append([seriesOf(1)]);
    await pass(0);
    const overdue = append([seriesOf(2)]);
    await pass(WAIT_MS - 200);
    const younger = append([seriesOf(3)]);
    await pass(400);
    expect(overdue).toEqual([expect.stringMatching(/^StoreUnavailableError: .*STORE_WAIT_MS/)]);
    expect({ younger, queued, isAccepting: log.isAccepting }).toEqual({ younger: [], queued: 2, isAccepting: false });
    await committer.succeed();
    expect(sizes()).toEqual([1, 1]);
    await committer.succeed();
    expect({ younger, queued, overdue: overdue.length }).toEqual({ younger: ['stored'], queued: 0, overdue: 1 });
  });

  it('answers 503 to waiting requests when the writer changes, but not to those being committed', async () => {
    const underWay = append([seriesOf(1)]);
    await pass(0);
    const waiting = append([seriesOf(2)]);
    log.writeAs({ id: 7, at: NOW });
    await pass(0);
    expect(waiting).toEqual([expect.stringMatching(/^StoreUnavailableError/)]);
    expect({ underWay, queued, writer: log.writer }).toEqual({ underWay: [], queued: 1, writer: 7 });
    await committer.succeed();
    expect({ underWay, queued, sizes: sizes() }).toEqual({ underWay: ['stored'], queued: 0, sizes: [1] });
  });

  it('accepts only with a writer, and only while Postgres takes commits', () => {
    committer.writer = undefined;
    expect({ isAccepting: log.isAccepting, writer: log.writer }).toEqual({ isAccepting: false, writer: 0 });
    log.writeAs({ id: 3, at: NOW });
    expect({ isAccepting: log.isAccepting, landmark: log.landmark }).toEqual({
      isAccepting: true,
      landmark: { id: 3, at: NOW },
    });
    committer.isStalled = true;
    expect(log.isAccepting).toBe(false);
  });

  it('treats the answer to another query as a recovery only while it is idle', async () => {
    append([seriesOf(1)]);
    await pass(0);
    log.noteAnswer();
    expect(committer.recoveries).toBe(0);
    await committer.succeed();
    log.noteAnswer();
    expect(committer.recoveries).toBe(1);
  });

  it('drains the queue when it stops, and leaves no timer', async () => {
    const first = append([seriesOf(1)]);
    await pass(0);
    const second = append([seriesOf(2)]);
    let hasEnded = false;
    void log.onApplicationShutdown().then(() => (hasEnded = true));
    expect(committer.isStopped).toBe(true);
    await committer.succeed();
    expect(hasEnded).toBe(false);
    await committer.succeed();
    expect({ first, second, hasEnded }).toEqual({ first: ['stored'], second: ['stored'], hasEnded: true });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps its connections for the remaining commits when the process stops', async () => {
    append([seriesOf(1)]);
    await pass(0);
    let hasEnded = false;
    void Promise.all(endings.map((each) => each())).then(() => (hasEnded = true));
    await pass(100);
    expect({ hasEnded, isStopped: committer.isStopped }).toEqual({ hasEnded: false, isStopped: true });
    await committer.succeed();
    expect(hasEnded).toBe(true);
  });
});
