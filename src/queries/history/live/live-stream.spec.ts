import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Metric } from '../../../catalog/series/series.js';
import { LiveStream } from './live-stream.js';
import { ReceivedSamples } from './received-samples.js';

const NOW = new Date(1_764_000_000_000);

/** Number of events that fill every buffer between the server and a client that reads nothing. */
const EVENTS = 1_000;

function samplesOf(names: readonly string[], isTruncated = false): ReceivedSamples {
  const metrics = names.map((name, id) => new Metric(id, name, 'gauge', NOW, null, null, null));
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const newestAt = new Map(metrics.map((metric) => [metric, NOW.getTime()]));
  return new ReceivedSamples(newestAt, isTruncated, { findMetric: (name) => byName.get(name) }, 500);
}

const EVERYTHING = { metrics: undefined, families: false };

describe('LiveStream', () => {
  it('keeps no more than an event for a client that reads nothing, and tells it later that something is missing', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    const stream = new LiveStream(response, EVERYTHING);
    stream.begin(NOW);
    const received = samplesOf(Array.from({ length: 500 }, (_, index) => `${'long_name_'.repeat(8)}${index}`));
    const event = received.dataFor(EVERYTHING)!.length;
    let kept = 0;
    for (let count = 0; count < EVENTS; count++) {
      stream.tell(received);
      kept = Math.max(kept, response.writableLength);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(response.writableNeedDrain).toBe(true);
    expect(kept).toBeLessThan(2 * event + 20_000);

    let text = '';
    client.on('data', (part: Buffer) => (text = (text + part.toString('latin1')).slice(-500)));
    await once(response, 'drain');
    stream.end();
    await once(client, 'close');
    server.close();
    expect(text).toContain('event: samples\ndata: {"metrics":[],"truncated":true}\n\n');
  });
});

describe('ReceivedSamples', () => {
  it('lists no more metrics than allowed, and says so', () => {
    const names = Array.from({ length: 501 }, (_, index) => `m${index}`);
    const listed = (count: number) => {
      const data = samplesOf(names.slice(0, count)).dataFor(EVERYTHING)!;
      return JSON.parse(data) as { metrics: unknown[]; truncated: boolean };
    };
    expect([listed(500).metrics.length, listed(500).truncated]).toEqual([500, false]);
    expect([listed(501).metrics.length, listed(501).truncated]).toEqual([500, true]);
  });

  it('lists fewer metrics if their names are long', () => {
    const data = samplesOf(Array.from({ length: 100 }, (_, index) => `${'x'.repeat(5_000)}${index}`)).dataFor(
      EVERYTHING,
    )!;
    expect(data.length).toBeLessThan(70_000);
    expect(data).toMatch(/"truncated":true\}$/);
  });

  it('has nothing for a client whose metrics received no samples, unless some may be missing', () => {
    const selection = { metrics: ['other'], families: false };
    expect(samplesOf(['m']).dataFor(selection)).toBeUndefined();
    expect(samplesOf(['m'], true).dataFor(selection)).toBe('{"metrics":[],"truncated":true}');
  });
});
