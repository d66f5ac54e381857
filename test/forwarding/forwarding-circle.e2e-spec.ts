import { eventually } from '../support/eventually.js';
import { getJson, INGEST_TOKEN, push, type TestServer } from '../support/server.js';
import { type StoreUnderTest, storeUnderTest } from '../support/service-under-test.js';
import { steadyPort } from '../support/steady-port.js';

const REFUSAL = 'the samples would come back here in a circle';

describe('a forwarding whose samples would come back', () => {
  const near = storeUnderTest('all');
  const far = storeUnderTest('all');
  let nearPort: number;
  let farPort: number;

  beforeAll(async () => {
    nearPort = await steadyPort();
    farPort = await steadyPort();
  });

  const start = (store: StoreUnderTest, port: number, targetPort: number) =>
    store.start({
      PORT: String(port),
      REMOTE_WRITE_URL: `http://127.0.0.1:${targetPort}/api/v1/write`,
      REMOTE_WRITE_BEARER_TOKEN: INGEST_TOKEN,
    });
  const pushed = async (server: TestServer, name: string) =>
    expect((await push(server, [{ name, value: 1 }])).status).toBe(202);
  const stored = async ({ client }: StoreUnderTest, metric: string) => {
    const { rows } = await client.query<{ value: number }>(
      'SELECT value FROM metric_sample WHERE metric = $1 ORDER BY at',
      [metric],
    );
    return rows.map(({ value }) => value);
  };

  it('to this service itself stops with a plain error, and loses nothing once the URL is right', async () => {
    const server = await start(near, nearPort, nearPort);
    await eventually(() => expect(server.output()).toContain('The forwarding begins'));
    await pushed(server, 'circle_own_total');
    await eventually(() => expect(server.output()).toContain(REFUSAL));
    expect(server.output()).toContain('set REMOTE_WRITE_URL to another store');
    await eventually(async () => {
      const { forwarding } = await getJson<{ forwarding: { lagSeconds: number } }>(server, '/health');
      expect(forwarding.lagSeconds).toBeGreaterThan(1);
    });
    expect(await stored(near, 'circle_own_total')).toEqual([1]);
    await server.stop();
  });

  it('by way of another service is refused by the one from which the samples come', async () => {
    const there = await start(far, farPort, nearPort);
    await eventually(() => expect(there.output()).toContain('The forwarding begins'));
    const here = await start(near, nearPort, farPort);
    await eventually(async () => expect(await stored(far, 'circle_own_total')).toEqual([0, 1]));
    await pushed(here, 'circle_round_total');
    await eventually(async () => expect(await stored(far, 'circle_round_total')).toEqual([0, 1]));
    await eventually(() => expect(there.output()).toContain(REFUSAL));
    // The direction that was there first goes on.
    await pushed(here, 'circle_round_total');
    await eventually(async () => expect(await stored(far, 'circle_round_total')).toEqual([0, 1, 2]));
    expect(await stored(near, 'circle_round_total')).toEqual([1, 1]);
    expect(here.output()).not.toContain(REFUSAL);
  });
});
