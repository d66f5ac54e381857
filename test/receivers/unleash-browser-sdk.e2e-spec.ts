import { eventually } from '../support/eventually.js';
import { SdkProcess } from '../support/sdk-process.js';
import { SDK_LABELS, SdkService } from '../support/sdk-service.js';
import { FRONTEND_TOKEN } from '../support/server.js';

const INTERVAL_MS = 150;

describe('a web page with unleash-proxy-client', () => {
  const sdk = SdkService.underTest();

  beforeEach(async () => {
    sdk.app = SdkProcess.start('browser', {
      url: `${sdk.proxy.url}/api/frontend`,
      clientKey: FRONTEND_TOKEN,
      appName: sdk.appName,
      metricsInterval: INTERVAL_MS / 1000,
      metricsIntervalInitial: 0,
      refreshInterval: INTERVAL_MS / 1000,
    });
    await sdk.app.first('ready');
    await sdk.app.call('defineCounter', ['clicks', 'Clicks on the button']);
    await sdk.app.call('defineHistogram', ['paint', 'Seconds to the first paint', [0.1, 1]]);
  });

  it('shows what a page counts and observes, and keeps it', async () => {
    await sdk.app.call('incrementCounter', ['clicks', 3]);
    await sdk.app.call('observeHistogram', ['paint', 0.5]);
    await eventually(async () => expect(await sdk.valueOf('clicks')).toBe(3));
    await sdk.app.call('incrementCounter', ['clicks', 4]);
    await eventually(async () => expect(await sdk.valueOf('clicks')).toBe(7));

    expect(sdk.app.events.filter(({ event }) => event === 'error')).toEqual([]);
    expect(await sdk.samplesOf('clicks')).toContainEqual({
      name: 'clicks',
      labels: { ...SDK_LABELS, appName: sdk.appName, metric_type: 'counter' },
      value: 7,
    });
    expect(await sdk.valueOf('paint', 'paint_bucket', '1')).toBe(1);
    expect(await sdk.valueOf('paint', 'paint_count')).toBe(1);
    expect(await sdk.storedSum('clicks')).toBe(7);
  });

  it('continues with its posts after the service was unavailable, slow and overloaded', async () => {
    const { port } = new URL(sdk.server.url);
    await sdk.server.stop();
    await sdk.app.next('error', 2);
    await sdk.start(port);
    await sdk.app.next('sent', 2);
    for (const behaviour of [
      { kind: 'refusing', status: 429 },
      { kind: 'refusing', status: 503 },
      { kind: 'slow', delayMs: 300 },
    ] as const) {
      sdk.proxy.behaviour = behaviour;
      await sdk.app.next('sent', 3);
    }
    sdk.proxy.behaviour = { kind: 'forwarding' };
    // The SDK does not send failed posts again. Their counts are lost, but later counts are not.
    await sdk.app.next('sent', 4);
    const before = (await sdk.valueOf('clicks')) ?? 0;
    await sdk.app.call('incrementCounter', ['clicks', 5]);
    await eventually(async () => expect(await sdk.valueOf('clicks')).toBe(before + 5));
    expect(await sdk.valueOf('clicks')).toBe(sdk.delivered('clicks'));
  });
});
