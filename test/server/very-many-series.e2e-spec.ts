import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type LongestWait, ServiceProbe } from '../support/longest-wait.js';
import { remove } from '../support/removal.js';
import { push, scrape, valueOn } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const SERIES = 100_000;

/** The largest push that the default of INGEST_MAX_SAMPLES allows. If its series were created in one statement, others would wait. */
const SERIES_OF_PUSH = 10_000;

/** With so many pushes at once, a machine with nothing else to do creates 20,000 series a second. */
const AT_ONCE = 4;

/** Ten hours in which every series is replaced each hour. */
const FORGOTTEN_SERIES = 10 * SERIES;

/** All processes read the removed series of a changed metric for two seconds. */
const REMOVALS_READ_MS = 3_000;

/** Maximum time in milliseconds for which a new client waits because the event loop is busy. */
const LIMIT_MS = 250;

/** Maximum time in milliseconds for a push of a known series. It shares its commit with pushes of thousands of new ones. */
const PUSH_LIMIT_MS = 2_000;

describe(`a hundred thousand new series`, () => {
  const server = serviceUnderTest({
    SERIES_PER_METRIC_LIMIT: String(2 * SERIES),
    SERIES_PER_TOKEN_LIMIT: String(2 * SERIES),
    // On a busy machine, Postgres needs more time than a client usually allows.
    STORE_WAIT_MS: '30000',
  });
  let probe: ServiceProbe;

  beforeAll(async () => {
    expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202);
    probe = ServiceProbe.of(server);
    await probe.take();
  });

  afterAll(() => probe.stop());

  /** A wait for a processor is not the fault of the service. */
  const heldMs = ({ gapMs, queuedMs }: LongestWait) => gapMs - queuedMs;

  /** Pushes a known series again and again while the work runs. Returns the longest time of a push, in milliseconds. */
  async function longestPushBeside(work: Promise<unknown>): Promise<number> {
    let isRunning = true;
    const running = work.finally(() => (isRunning = false));
    let longest = 0;
    while (isRunning) {
      const startedAt = performance.now();
      expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202);
      longest = Math.max(longest, performance.now() - startedAt);
    }
    await running;
    return longest;
  }

  it('are created without keeping other clients waiting', async () => {
    let next = 0;
    const creating = Array.from({ length: AT_ONCE }, async () => {
      while (next < SERIES) {
        const first = next;
        next += SERIES_OF_PUSH;
        const items = Array.from({ length: SERIES_OF_PUSH }, (_, index) => ({
          name: 'new_total',
          value: 1,
          labels: { instance: `instance-${first + index}`, region: 'eu-central' },
        }));
        expect((await push(server, items)).status).toBe(202);
      }
    });
    const longestPush = await longestPushBeside(Promise.all(creating));
    const wait = await probe.take();
    expect({ heldMs: heldMs(wait), isTooLong: heldMs(wait) > LIMIT_MS }).toMatchObject({ isTooLong: false });
    expect(longestPush).toBeLessThan(PUSH_LIMIT_MS);
    expect((await scrape(server)).match(/^new_total\{/gm)).toHaveLength(SERIES);
  });

  it('are deleted without keeping other clients waiting', async () => {
    await probe.take();
    const removal = remove(server, 'new_total');
    const longestPush = await longestPushBeside(removal);
    const wait = await probe.take();
    expect({ heldMs: heldMs(wait), isTooLong: heldMs(wait) > LIMIT_MS }).toMatchObject({ isTooLong: false });
    expect(longestPush).toBeLessThan(PUSH_LIMIT_MS);
    expect(await removal).toMatchObject({ status: 200, body: { seriesCount: SERIES } });
    const page = await scrape(server);
    expect(page).not.toContain('new_total');
    expect(valueOn(page, 'known_total')).toBeGreaterThan(2);
  });

  it('and ten times as many forgotten ones are no work that keeps other clients waiting', async () => {
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    await client.query(
      `INSERT INTO series (metric_id, identity, labels, forgotten_at)
       SELECT metric.id, int8send(number::int8), '{}', now() FROM metric, generate_series(1, $1::int) AS number
       WHERE name = 'known_total'`,
      [FORGOTTEN_SERIES],
    );
    await sleep(REMOVALS_READ_MS);
    await probe.take();
    await client.query(`UPDATE metric SET updated_at = clock_timestamp() WHERE name = 'known_total'`);
    await client.end();
    await sleep(REMOVALS_READ_MS);
    const wait = await probe.take();
    expect({ heldMs: heldMs(wait), isTooLong: heldMs(wait) > LIMIT_MS }).toMatchObject({ isTooLong: false });
  });
});
