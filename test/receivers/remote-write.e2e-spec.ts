import { eventually } from '../support/eventually.js';
import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  sendWrite,
  valuesAt,
  WRITE_TYPE,
  writtenOf,
} from '../support/remote-write-messages.js';
import { createToken, getJson, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly help?: string;
  readonly unit?: string;
}

type Samples = SeriesToWrite['samples'];

describe('remote write', () => {
  const server = serviceUnderTest({ INGEST_MAX_SAMPLES: '50', PROMQL_OPEN_PORT: '0' });
  const now = Date.now();

  const series = (labels: Readonly<Record<string, string>>, samples: Samples = [[1, now]]): SeriesToWrite => ({
    labels,
    samples,
  });

  const valuesOf = (expression: string) => valuesAt(server, expression, now + 1_000);

  async function declared(name: string): Promise<Listed | undefined> {
    const { metrics } = await getJson<{ metrics: Listed[] }>(
      server,
      `/api/history/metrics?search=${name}&families=true`,
    );
    return metrics.find((each) => each.name === name);
  }

  it('learns types and help texts from the metadata of version 1.0, also after the first samples', async () => {
    const labels = { __name__: 'learned' };
    await sendWrite(server, firstVersion([], [{ name: 'learned', type: WRITE_TYPE.counter, help: 'Counts' }]));
    expect((await sendWrite(server, firstVersion([series(labels)]))).status).toBe(204);
    expect(await declared('learned')).toMatchObject({ type: 'counter', help: 'Counts' });

    const late = (value: number) => firstVersion([series({ __name__: 'late' }, [[value, now + value]])]);
    expect((await sendWrite(server, late(1))).status).toBe(204);
    await sendWrite(server, firstVersion([], [{ name: 'late', type: WRITE_TYPE.counter, help: 'Came late' }]));
    expect((await sendWrite(server, late(2))).status).toBe(204);
    // Without metadata the name decides, and the type of a metric never changes.
    await eventually(async () => expect(await declared('late')).toMatchObject({ type: 'gauge', help: 'Came late' }));
    expect(await valuesOf('late')).toEqual(['2']);
  });

  it('learns a help text and a histogram that come after series were recognised', async () => {
    const bucket = (value: number) =>
      firstVersion([
        series({ __name__: 'slow_seconds_bucket', le: '1' }, [[value, now + value]]),
        series({ __name__: 'slow_seconds_count' }, [[value, now + value]]),
      ]);
    for (const value of [1, 2]) expect((await sendWrite(server, bucket(value))).status).toBe(204);
    expect(await declared('slow_seconds')).toBeUndefined();
    await sendWrite(server, firstVersion([], [{ name: 'slow_seconds', type: WRITE_TYPE.histogram, help: 'Slow' }]));
    expect((await sendWrite(server, bucket(3))).status).toBe(204);
    expect(await declared('slow_seconds')).toMatchObject({ type: 'histogram', help: 'Slow' });

    const help = (text: string, value: number) =>
      secondVersion([
        { ...series({ __name__: 'helped' }, [[value, now + value]]), metadata: { type: WRITE_TYPE.gauge, help: text } },
      ]);
    for (const value of [1, 2]) expect((await sendWrite(server, help('', value), '2.0')).status).toBe(204);
    expect((await sendWrite(server, help('Helped', 3), '2.0')).status).toBe(204);
    expect(await declared('helped')).toMatchObject({ help: 'Helped' });
  });

  it('starts a counter at zero when its start time says so, also if its series is recognised', async () => {
    const counted = (value: number, at: number, startedAt: number) =>
      secondVersion([
        {
          labels: { __name__: 'started_total' },
          samples: [[value, at, startedAt]],
          metadata: { type: WRITE_TYPE.counter },
        },
      ]);
    const first = now - 50_000;
    for (const [value, at] of [
      [5, now - 40_000],
      [6, now - 30_000],
    ] as const) {
      expect((await sendWrite(server, counted(value, at, first), '2.0')).status).toBe(204);
    }
    const response = await sendWrite(server, counted(9, now - 10_000, now - 20_000), '2.0');
    expect([response.status, ...writtenOf(response)]).toEqual([204, '1', '0', '0']);
    // The zero of the new start is one more sample.
    expect(await valuesOf('count_over_time(started_total[1m])')).toEqual(['4']);
    expect(await valuesOf('resets(started_total[1m])')).toEqual(['1']);
  });

  it('shows the series of a classic histogram and of a summary as such', async () => {
    const histogram = { type: WRITE_TYPE.histogram, help: 'Took', unit: 'seconds' };
    const summary = { type: WRITE_TYPE.summary };
    const parts: [Readonly<Record<string, string>>, number, object][] = [
      [{ __name__: 'took_seconds_bucket', le: '1.0' }, 3, histogram],
      [{ __name__: 'took_seconds_bucket', le: '+Inf' }, 4, histogram],
      [{ __name__: 'took_seconds_sum' }, 5.5, histogram],
      [{ __name__: 'took_seconds_count' }, 4, histogram],
      [{ __name__: 'waited', quantile: '0.5' }, 0.1, summary],
      [{ __name__: 'waited_sum' }, 1, summary],
      [{ __name__: 'waited_count' }, 9, summary],
    ];
    const message = secondVersion(
      parts.map(([labels, value, metadata]) => ({
        labels,
        samples: [[value, now, now - 60_000]],
        metadata: metadata as SeriesToWrite['metadata'],
      })),
    );
    const response = await sendWrite(server, message, '2.0');
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await declared('took_seconds')).toMatchObject({ type: 'histogram', help: 'Took', unit: 'seconds' });
    expect(await valuesOf('took_seconds_bucket{le=~"1.*"}')).toEqual(['3']);
    expect(await valuesOf('histogram_quantile(0.5, took_seconds_bucket)')).toEqual([expect.stringMatching(/^0\.6/)]);
    expect(await valuesOf('waited_count')).toEqual(['9']);
    expect(await declared('waited')).toMatchObject({ type: 'gauge' });
    expect(await declared('waited_sum')).toMatchObject({ type: 'counter' });
  });

  it('answers 415 to other contents and encodings, so that a sender tries another version', async () => {
    const message = firstVersion([series({ __name__: 'x' })]);
    const types = ['text/plain', 'application/x-protobuf;proto=io.prometheus.write.v3.Request', 'application/json'];
    for (const type of types) {
      expect((await sendWrite(server, message, '1.0', { 'Content-Type': type })).status).toBe(415);
    }
    expect((await sendWrite(server, message, '1.0', { 'Content-Encoding': 'zstd' })).status).toBe(415);
    const named = await sendWrite(server, message, '1.0', {
      'Content-Type': 'application/x-protobuf; proto="prometheus.WriteRequest"',
    });
    expect(named.status).toBe(204);
  });

  it('needs a token with the scope ingest, also on the open port of PromQL', async () => {
    const read = await createToken(server, { name: 'reader', scopes: ['read'] });
    const message = firstVersion([series({ __name__: 'x' })]);
    expect((await sendWrite(server, message, '1.0', { Authorization: read })).status).toBe(403);
    expect((await sendWrite(server, message, '1.0', { Authorization: 'unknown' })).status).toBe(401);
    const openUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    const response = await fetch(`${openUrl}/api/v1/write`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(401);
  });

  it('gives its samples the labels of the token', async () => {
    const secret = await createToken(server, { name: 'labelled', scopes: ['ingest'], labels: { cluster: 'eu' } });
    const message = firstVersion([series({ __name__: 'placed', cluster: 'us' })]);
    expect((await sendWrite(server, message, '1.0', { Authorization: secret })).status).toBe(204);
    expect(await valuesOf('placed{cluster="eu"}')).toEqual(['1']);
  });

  it('refuses a body that announces more than the limit, before it is inflated', async () => {
    const announced = Buffer.from([0xff, 0xff, 0xff, 0x7f, 0x00, 0x61]);
    const response = await fetch(`${server.url}/api/v1/write`, {
      method: 'POST',
      headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'snappy' },
      body: announced,
    });
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('INGEST_MAX_BODY_BYTES')]);
  });

  it('refuses only the samples of a histogram that are wrong', async () => {
    const metadata = { type: WRITE_TYPE.histogram };
    const samples: Samples = [
      [1, now - 400 * 24 * 3_600_000],
      [2, now],
    ];
    const message = secondVersion([{ labels: { __name__: 'lasted_bucket', le: '+Inf' }, samples, metadata }]);
    expect((await sendWrite(server, message, '2.0')).status).toBe(400);
    expect(await valuesOf('lasted_bucket')).toEqual(['2']);
  });

  it('refuses references that point to no symbol', async () => {
    const message = secondVersion([series({ __name__: 'broken', a: 'b' })]);
    // The last symbol is turned into an unknown field.
    const at = Buffer.from(message).lastIndexOf(Buffer.from([0x22, 1, 0x62]));
    message[at] = 0x32;
    const response = await sendWrite(server, message, '2.0');
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/a reference is 4, .*4 symbols/),
    ]);
  });
});
