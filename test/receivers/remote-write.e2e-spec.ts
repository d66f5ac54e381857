import { eventually } from '../support/eventually.js';
import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  sendWrite,
  valuesAt,
  WRITE_TYPE,
} from '../support/remote-write-messages.js';
import { rename } from '../support/renames.js';
import { ADMIN_TOKEN, createToken, getJson, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly help?: string;
  readonly unit?: string;
}

type Samples = SeriesToWrite['samples'];

const WRITTEN = ['samples', 'histograms', 'exemplars'].map((kind) => `x-prometheus-remote-write-${kind}-written`);

describe('remote write', () => {
  const server = serviceUnderTest({ INGEST_MAX_SAMPLES: '50', PROMQL_OPEN_PORT: '0' });
  const now = Date.now();

  const series = (labels: Readonly<Record<string, string>>, samples: Samples = [[1, now]]): SeriesToWrite => ({
    labels,
    samples,
  });

  const writtenOf = (response: Response) => WRITTEN.map((name) => response.headers.get(name));

  const valuesOf = (expression: string) => valuesAt(server, expression, now + 1_000);

  async function declared(name: string): Promise<Listed | undefined> {
    const { metrics } = await getJson<{ metrics: Listed[] }>(
      server,
      `/api/history/metrics?search=${name}&families=true`,
    );
    return metrics.find((each) => each.name === name);
  }

  describe.each([
    ['1.0', firstVersion],
    ['2.0', secondVersion],
  ] as const)('of version %s', (version, encode) => {
    const name = (base: string) => `v${version[0]}_${base}`;

    it('stores samples with their times before it answers 204, and says how many', async () => {
      const message = encode([
        series({ __name__: name('requests_total'), job: 'shop', path: '/ü' }, [
          [3, now - 20_000],
          [5, now - 10_000],
          [2, now],
        ]),
        series({ __name__: name('level') }, [[-1.5, now]]),
      ]);
      const response = await sendWrite(server, message, version);
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(writtenOf(response)).toEqual(['4', '0', '0']);
      const { samples } = await getJson<{ samples: object[] }>(
        server,
        `/api/history/samples?metric=${name('requests_total')}`,
      );
      expect(samples).toMatchObject([
        { labels: { job: 'shop', path: '/ü' }, value: 3, at: new Date(now - 20_000).toISOString() },
        { value: 5 },
        { value: 2 },
      ]);
      // The counter began again after 5, so it rose by 2 and by 2. The values do not hold, as in Prometheus.
      expect(await valuesOf(`delta(${name('requests_total')}[1m]) < bool 0`)).toEqual(['1']);
      expect(await valuesOf(`resets(${name('requests_total')}[1m])`)).toEqual(['1']);
      expect(await valuesOf(`count_over_time(${name('requests_total')}[1m])`)).toEqual(['3']);
      expect(await valuesOf(name('level'))).toEqual(['-1.5']);
    });

    it('counts samples that are sent again only once in queries', async () => {
      const message = encode([
        series({ __name__: name('again_total') }, [
          [7, now - 5_000],
          [9, now],
        ]),
      ]);
      for (let times = 0; times < 3; times++) expect((await sendWrite(server, message, version)).status).toBe(204);
      expect(await valuesOf(`count_over_time(${name('again_total')}{__view__="raw"}[1m])`)).toEqual(['2']);
      expect(await valuesOf(name('again_total'))).toEqual(['9']);
    });

    it('takes a NaN as the end of a series, also one that does not exist', async () => {
      const labels = { __name__: name('ending') };
      expect((await sendWrite(server, encode([series(labels, [[4, now - 60_000]])]), version)).status).toBe(204);
      const end = await sendWrite(server, encode([series(labels, [[NaN, now - 30_000]])]), version);
      expect([end.status, end.headers.get(WRITTEN[0]!)]).toEqual([204, '1']);
      expect(await valuesOf(name('ending'))).toEqual([]);
      const none = await sendWrite(server, encode([series({ __name__: name('never') }, [[NaN, now]])]), version);
      expect(none.status).toBe(204);
    });

    it.each([
      ['a label', 'twice_label', ['job', 'other']],
      ['a label, with the same value', 'twice_equal', ['job', 'shop']],
      ['the name of the metric', 'twice_name', ['__name__', 'twice_other_name']],
    ] as const)('refuses a series that has %s twice, and stores the others', async (_, base, further) => {
      const twice = { ...series({ __name__: name(base), job: 'shop' }), furtherLabels: [further] };
      const response = await sendWrite(server, encode([twice, series({ __name__: name(`${base}_fine`) })]), version);
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(`${further[0]} twice`)]);
      expect(writtenOf(response)).toEqual(['1', '0', '0']);
      for (const metric of [name(base), further[1]]) expect(await valuesOf(`{__name__="${metric}"}`)).toEqual([]);
      expect(await valuesOf(name(`${base}_fine`))).toEqual(['1']);
    });

    it('stores the valid samples of a request, and explains the others with 400', async () => {
      const tooOld = now - 400 * 24 * 3_600_000;
      const message = encode([
        series({ __name__: name('partly') }, [
          [1, tooOld],
          [2, now],
        ]),
        { ...series({ __name__: name('rich') }), exemplars: 2 },
        { ...series({ __name__: name('native') }, []), histograms: 3 },
      ]);
      const response = await sendWrite(server, message, version);
      const { message: text } = (await response.json()) as { message: string };
      expect({ status: response.status, text }).toEqual({
        status: 400,
        text: expect.stringContaining('2 samples were stored'),
      });
      expect(text).toMatch(/1 samples? .*RETENTION_DAYS.*3 native histogram samples/s);
      expect(text.includes('2 exemplars')).toBe(version === '2.0');
      expect(writtenOf(response)).toEqual(['2', '0', '0']);
      expect(await valuesOf(name('partly'))).toEqual(['2']);
    });

    it('answers a request that is well-formed but empty', async () => {
      const response = await sendWrite(server, encode([]), version);
      expect([response.status, ...writtenOf(response)]).toEqual([204, '0', '0', '0']);
    });

    it('takes labels in any order, and an empty label as none', async () => {
      const sorted = series({ __name__: name('ordered'), a: '1', b: '2' }, [[1, now - 1_000]]);
      const others = series({ b: '2', empty: '', __name__: name('ordered'), a: '1' }, [[2, now]]);
      for (let times = 0; times < 2; times++) {
        for (const each of [sorted, others]) {
          expect((await sendWrite(server, encode([each]), version)).status).toBe(204);
        }
      }
      expect(await valuesOf(name('ordered'))).toEqual(['2']);
      expect(await valuesOf(`count_over_time(${name('ordered')}{__view__="raw"}[1m])`)).toEqual(['2']);
    });

    it.each([
      ['without a name', { job: 'shop' }],
      ['with an empty name', { __name__: '', job: 'shop' }],
      ['with an empty label name', { __name__: name('nameless'), '': 'x' }],
      ['with a reserved label', { __name__: name('reserved'), __meta__: 'x' }],
    ])('refuses a series %s, and stores the others', async (_, labels) => {
      const fine = series({ __name__: name('fine') });
      const response = await sendWrite(server, encode([series(labels), fine]), version);
      expect([response.status, ...writtenOf(response)]).toEqual([400, '1', '0', '0']);
    });

    it('says that nothing was written of a malformed request', async () => {
      const bytes = encode([series({ __name__: name('malformed') })]);
      const response = await sendWrite(server, Buffer.concat([bytes, Uint8Array.of(0x2a, 0x7f)]), version);
      expect([response.status, ...writtenOf(response)]).toEqual([400, '0', '0', '0']);
      expect(await valuesOf(name('malformed'))).toEqual([]);
    });

    describe('a series that was sent before', () => {
      const base = { job: 'shop', instance: 'a:1', path: '/ü' };
      const write = (metric: string, ...samples: [number, number][]) =>
        sendWrite(server, encode([series({ __name__: name(metric), ...base }, samples)]), version);

      /** Sends two samples, so that the series is recognised from then on. */
      async function makeKnown(metric: string): Promise<void> {
        for (const value of [1, 2]) expect((await write(metric, [value, now - 50_000 + value])).status).toBe(204);
      }

      it('gets all its samples, and is refused those beyond the limits', async () => {
        await makeKnown('seen_total');
        const many = Array.from({ length: 120 }, (_, index): [number, number] => [index + 3, now - 40_000 + index]);
        const response = await write('seen_total', ...many);
        expect([response.status, ...writtenOf(response)]).toEqual([204, '120', '0', '0']);
        const refused = await write('seen_total', [Infinity, now], [7, now + 3_600_000], [125, now]);
        expect([refused.status, ...writtenOf(refused)]).toEqual([400, '1', '0', '0']);
        expect(await valuesOf(`count_over_time(${name('seen_total')}[1m])`)).toEqual(['123']);
        expect(await valuesOf(name('seen_total'))).toEqual(['125']);
      });

      it('may end and begin again', async () => {
        await makeKnown('ended');
        expect((await write('ended', [NaN, now - 20_000])).status).toBe(204);
        expect(await valuesOf(name('ended'))).toEqual([]);
        expect((await write('ended', [5, now - 10_000])).status).toBe(204);
        expect(await valuesOf(name('ended'))).toEqual(['5']);
      });

      it('is a new series after its metric was deleted, and after it was renamed', async () => {
        const metric = name('passing');
        await makeKnown('passing');
        const deleted = await fetch(`${server.url}/api/admin/metrics/${metric}`, {
          method: 'DELETE',
          headers: { Authorization: ADMIN_TOKEN },
        });
        expect(deleted.ok).toBe(true);
        expect((await write('passing', [9, now - 30_000])).status).toBe(204);
        expect((await write('passing', [10, now - 20_000])).status).toBe(204);
        expect(await valuesOf(`count_over_time(${metric}[1m])`)).toEqual(['2']);
        expect(await rename(server, metric, `${metric}_renamed`)).toMatchObject({ status: 200 });
        expect((await write('passing', [11, now - 10_000])).status).toBe(204);
        expect(await valuesOf(`${metric}_renamed`)).toEqual(['10']);
        expect(await valuesOf(metric)).toEqual(['11']);
      });

      it('does not get the samples of a token with other labels', async () => {
        await makeKnown('shared');
        const authorization = await createToken(server, {
          name: `other ${version}`,
          scopes: ['ingest'],
          labels: { cluster: 'eu' },
        });
        const message = encode([series({ __name__: name('shared'), ...base }, [[7, now]])]);
        for (let times = 0; times < 2; times++) {
          expect((await sendWrite(server, message, version, { Authorization: authorization })).status).toBe(204);
        }
        expect(await valuesOf(`${name('shared')}{cluster="eu"}`)).toEqual(['7']);
        expect(await valuesOf(`${name('shared')}{cluster=""}`)).toEqual(['2']);
      });
    });

    it('ends a series that the same request has created', async () => {
      const labels = { __name__: name('brief') };
      const message = encode([
        series(labels, [
          [4, now - 60_000],
          [NaN, now - 30_000],
        ]),
      ]);
      expect((await sendWrite(server, message, version)).status).toBe(204);
      expect(await valuesOf(`count_over_time(${name('brief')}[5m])`)).toEqual(['1']);
      expect(await valuesOf(name('brief'))).toEqual([]);
    });

    it('takes more samples than one push may have', async () => {
      const many = Array.from({ length: 130 }, (_, index) => series({ __name__: name('many'), index: String(index) }));
      const response = await sendWrite(server, encode(many), version);
      expect([response.status, response.headers.get(WRITTEN[0]!)]).toEqual([204, '130']);
      expect(await valuesOf(`count(${name('many')})`)).toEqual(['130']);
    });

    it.each([
      ['a text', Buffer.from('metrics please'), /Snappy/],
      ['half a message', undefined, /ends|index out of range|Snappy/],
    ])('refuses %s with the reason', async (_name, bytes, reason) => {
      const half = encode([series({ __name__: 'half' })]);
      const response =
        bytes === undefined
          ? await sendWrite(server, half.subarray(0, half.length - 3), version)
          : await fetch(`${server.url}/api/v1/write`, {
              method: 'POST',
              headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/x-protobuf' },
              body: bytes,
            });
      expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(reason)]);
    });
  });

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
