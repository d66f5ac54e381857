import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const FROZEN_MS = 20_000;

/** The number of clients that push while the peer is frozen. */
const PUSHERS = 4;

/** Items of one push. Together, the pushes are more than the frozen process can read in one poll. */
const ITEMS = 200;

describe('a process that was frozen for long while others were pushed to', () => {
  const store = storeUnderTest('all');
  let pushed: TestServer;
  let frozen: TestServer;

  beforeAll(async () => {
    // What fails once is logged at debug. Without compaction, the log keeps everything that the frozen process has missed.
    const settings = { LOG_LEVEL: 'debug', COMPACTION_INTERVAL_SECONDS: '3600' };
    [pushed, frozen] = await Promise.all([store.start(settings), store.start(settings)]);
  });

  afterAll(() => frozen?.process.kill('SIGCONT'));

  const total = async (server: TestServer) => valueOn(await scrape(server), 'frozen_total{item="0"}');

  it('says that it lags, and catches up without a statement time-out', async () => {
    const items = Array.from({ length: ITEMS }, (_, item) => ({
      name: 'frozen_total',
      value: 1,
      labels: { item: String(item) },
    }));
    let pushes = 0;
    const pushOne = async () => {
      expect((await push(pushed, items)).status).toBe(202);
      pushes++;
    };
    await pushOne();
    await eventually(async () => expect(await total(frozen)).toBe(1));
    const readBefore = frozen.output().length;
    frozen.process.kill('SIGSTOP');
    try {
      const until = performance.now() + FROZEN_MS;
      const pushing = Array.from({ length: PUSHERS }, async () => {
        while (performance.now() < until) {
          await pushOne();
          await sleep(5);
        }
      });
      await Promise.all(pushing);
    } finally {
      frozen.process.kill('SIGCONT');
    }
    expect(pushes).toBeGreaterThan(500);
    await eventually(async () => expect(await total(frozen)).toBe(pushes));
    await eventually(() => expect(frozen.output()).toContain('are up to date again'));
    const log = frozen.output().slice(readBefore);
    expect(log).toMatch(/were last read \d+ s ago/);
    expect(log).not.toMatch(/statement timeout|57014/);
    expect((await fetch(`${frozen.url}/health/ready`)).status).toBe(200);
  });
});
