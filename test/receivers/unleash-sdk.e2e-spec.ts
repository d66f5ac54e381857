import { eventually } from '../support/eventually.js';
import { parseExposition } from '../support/exposition-parser.js';
import { SdkProcess } from '../support/sdk-process.js';
import { SDK_LABELS, SdkService } from '../support/sdk-service.js';
import { INGEST_TOKEN, scrape } from '../support/server.js';

const INTERVAL_MS = 150;
/** The default time-out of the SDK. With a shorter one, it would send posts twice when a busy machine answers late. */
const TIMEOUT_MS = 10_000;
const SHORT_TIMEOUT_MS = 1_000;

describe('a server with unleash-client', () => {
  const sdk = SdkService.underTest();

  async function startApp(timeout: number): Promise<void> {
    sdk.app = SdkProcess.start('server', {
      url: `${sdk.proxy.url}/api/`,
      appName: sdk.appName,
      customHeaders: { Authorization: INGEST_TOKEN },
      metricsInterval: INTERVAL_MS,
      refreshInterval: INTERVAL_MS,
      timeout,
    });
    await sdk.app.first('synchronized');
    await sdk.app.call('defineCounter', ['orders', 'Orders that were placed']);
    await sdk.app.call('defineGauge', ['queue_depth', 'Jobs that wait']);
    await sdk.app.call('defineHistogram', ['latency', 'Seconds to answer', [0.1, 1]]);
  }

  beforeEach(() => startApp(TIMEOUT_MS));

  it('starts without a complaint, and asks for flags again', async () => {
    await sdk.app.first('registered');
    await sdk.app.first('unchanged');
    await sdk.app.next('sent');
    expect(sdk.app.events.filter(({ event }) => event === 'warn' || event === 'error')).toEqual([]);
  });

  it('shows what an app counts, sets and observes, and keeps it', async () => {
    await sdk.app.call('incrementCounter', ['orders', 3]);
    await sdk.app.call('updateGauge', ['queue_depth', 17.5]);
    for (const seconds of [0.05, 0.5, 5]) await sdk.app.call('observeHistogram', ['latency', seconds]);
    await sdk.app.next('sent', 2);
    await sdk.app.call('incrementCounter', ['orders', 4, { flagNames: ['new-checkout'], context: {} }]);
    await sdk.app.call('updateGauge', ['queue_depth', 2]);
    await sdk.app.call('observeHistogram', ['latency', 0.25]);
    await sdk.app.next('sent', 2);

    const families = parseExposition(await scrape(sdk.server), 'text');
    expect(families.find(({ name }) => name === 'orders')).toMatchObject({
      type: 'counter',
      help: 'Orders that were placed',
    });
    expect(await sdk.samplesOf('orders')).toEqual(
      expect.arrayContaining([
        { name: 'orders', labels: { origin: 'sdk', metric_type: 'counter' }, value: 0 },
        { name: 'orders', labels: { ...SDK_LABELS, appName: sdk.appName, metric_type: 'counter' }, value: 3 },
        {
          name: 'orders',
          labels: { ...SDK_LABELS, appName: sdk.appName, metric_type: 'counter', new_checkout: 'disabled' },
          value: 4,
        },
      ]),
    );
    expect(families.find(({ name }) => name === 'queue_depth')).toMatchObject({
      type: 'gauge',
      help: 'Jobs that wait',
    });
    expect(await sdk.samplesOf('queue_depth')).toEqual([
      { name: 'queue_depth', labels: { ...SDK_LABELS, appName: sdk.appName, metric_type: 'gauge' }, value: 2 },
    ]);
    expect(families.find(({ name }) => name === 'latency')).toMatchObject({
      type: 'histogram',
      help: 'Seconds to answer',
    });
    const values = ['0.1', '1', '+Inf'].map((le) => sdk.valueOf('latency', 'latency_bucket', le));
    expect(await Promise.all(values)).toEqual([1, 3, 4]);
    expect(await sdk.valueOf('latency', 'latency_count')).toBe(4);
    expect(await sdk.valueOf('latency', 'latency_sum')).toBeCloseTo(5.8, 10);

    expect(await sdk.storedSum('orders')).toBe(7);
    expect(await sdk.history('queue_depth')).toEqual([17.5, 2]);
    expect(await sdk.storedSum('latency_count')).toBe(4);
  });

  it('continues with exact totals after the service was stopped and started', async () => {
    await sdk.app.call('incrementCounter', ['orders', 1]);
    await sdk.app.next('sent');
    const { port } = new URL(sdk.server.url);
    await sdk.server.stop();
    for (let round = 0; round < 3; round++) {
      await sdk.app.call('incrementCounter', ['orders', 10]);
      await sdk.app.next('warn');
    }
    // The SDK loses observations that are made while a post is running. None is running during this event.
    await sdk.app.call('observeHistogram', ['latency', 0.5], 'warn');
    await sdk.start(port);
    await sdk.app.next('sent', 2);
    expect(await sdk.valueOf('orders')).toBe(31);
    expect(await sdk.valueOf('latency', 'latency_count')).toBe(1);
    expect(await sdk.storedSum('orders')).toBe(31);
  });

  it.each([429, 503])('continues with exact totals after answers of %d', async (status) => {
    sdk.proxy.behaviour = { kind: 'refusing', status };
    for (let round = 0; round < 3; round++) {
      await sdk.app.call('incrementCounter', ['orders', 1]);
      await sdk.app.call('observeHistogram', ['latency', 0.5], 'warn');
    }
    sdk.proxy.behaviour = { kind: 'forwarding' };
    await sdk.app.next('sent', 2);
    expect(await sdk.valueOf('orders')).toBe(3);
    expect(await sdk.valueOf('latency', 'latency_count')).toBe(3);
    expect(sdk.app.events.filter(({ detail }) => detail?.includes('stopping metrics'))).toEqual([]);
  });

  it('continues with exact totals when answers are slow', async () => {
    sdk.proxy.behaviour = { kind: 'slow', delayMs: 500 };
    for (let round = 0; round < 3; round++) {
      await sdk.app.call('incrementCounter', ['orders', 1]);
      await sdk.app.next('sent');
    }
    sdk.proxy.behaviour = { kind: 'forwarding' };
    await sdk.app.next('sent', 2);
    expect(await sdk.valueOf('orders')).toBe(3);
  });

  it('continues when answers come too late, and counts posts twice that were sent twice', async () => {
    await sdk.app.stop();
    await startApp(SHORT_TIMEOUT_MS);
    await sdk.app.call('incrementCounter', ['orders', 1]);
    sdk.proxy.behaviour = { kind: 'slow', delayMs: SHORT_TIMEOUT_MS * 1.5 };
    await sdk.app.call('incrementCounter', ['orders', 2]);
    await sdk.app.next('warn', 2);
    sdk.proxy.behaviour = { kind: 'forwarding' };
    await sdk.app.next('sent', 2);
    // A post may be sent twice, and no event of the SDK says which one was answered. The SDK can't know that a post without an
    // answer was stored, and posts have no id, so it sends the same data again.
    expect(sdk.delivered('orders')).toBeGreaterThan(3);
    await eventually(async () => expect(await sdk.valueOf('orders')).toBe(sdk.delivered('orders')));
    await sdk.app.call('incrementCounter', ['orders', 1]);
    await sdk.app.next('sent', 2);
    await eventually(async () => expect(await sdk.valueOf('orders')).toBe(sdk.delivered('orders')));
  });

  it('continues after posts of which nothing could be accepted', async () => {
    // The name of this flag becomes a label that Prometheus reserves.
    await sdk.app.call('incrementCounter', ['orders', 1, { flagNames: ['__name__'], context: {} }]);
    await sdk.app.next('sent');
    await sdk.app.call('incrementCounter', ['orders', 5]);
    await sdk.app.next('sent', 2);
    expect(await sdk.valueOf('orders')).toBe(5);
  });

  it('asks for the list of flags when there is no stream of them', async () => {
    const streaming = SdkProcess.start('server', {
      url: `${sdk.proxy.url}/api/`,
      appName: 'streaming',
      customHeaders: { Authorization: INGEST_TOKEN },
      metricsInterval: INTERVAL_MS,
      refreshInterval: INTERVAL_MS,
      experimentalMode: { type: 'streaming' },
    });
    try {
      await streaming.first('synchronized');
      await streaming.call('defineCounter', ['streamed', 'Counted by an app that wants a stream']);
      await streaming.next('sent', 2);
      expect(await sdk.samplesOf('streamed')).toHaveLength(1);
    } finally {
      await streaming.stop();
    }
  });
});
