import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  sendWrite,
  valuesAt,
  writtenOf,
} from '../support/remote-write-messages.js';
import { rename } from '../support/renames.js';
import { ADMIN_TOKEN, createToken, getJson, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe.each([
  ['1.0', firstVersion],
  ['2.0', secondVersion],
] as const)('remote write of version %s', (version, encode) => {
  const server = serviceUnderTest({ INGEST_MAX_SAMPLES: '50' });
  const now = Date.now();

  const series = (
    labels: Readonly<Record<string, string>>,
    samples: SeriesToWrite['samples'] = [[1, now]],
  ): SeriesToWrite => ({
    labels,
    samples,
  });
  const valuesOf = (expression: string) => valuesAt(server, expression, now + 1_000);
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
    expect([end.status, writtenOf(end)[0]]).toEqual([204, '1']);
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
    expect([response.status, writtenOf(response)[0]]).toEqual([204, '130']);
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
