import { firstVersion, secondVersion, sendWrite } from '../support/remote-write-messages.js';
import { now, requestOf, sendOtlp } from '../support/otlp.js';
import { getJson, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('names of any characters from other clients', () => {
  const server = serviceUnderTest({ NAME_VALIDATION: 'utf8', OTLP_TRANSLATION_STRATEGY: 'NoTranslation' });

  const query = async (promql: string) => {
    const url = `/api/v1/query?query=${encodeURIComponent(promql)}`;
    const { data } = await getJson<{
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    }>(server, url);
    return data.result.map(({ metric, value }) => [metric, Number(value[1])] as const);
  };

  const pushGroup = (method: string, body: string) =>
    fetch(`${server.url}/metrics/job/a/U__group_2e_name/x`, {
      method,
      headers: { Authorization: `Bearer ${INGEST_TOKEN}` },
      body,
    });

  test('an OpenTelemetry client', async () => {
    const attributes = [{ key: 'http.route', value: { stringValue: '/a' } }];
    const point = { attributes, timeUnixNano: now() };
    const load = { name: 'http.load', unit: '1', gauge: { dataPoints: [{ ...point, asDouble: 0.5 }] } };
    const duration = {
      name: 'http.server.duration',
      unit: 's',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [{ ...point, count: '2', sum: 3, bucketCounts: ['1', '1'], explicitBounds: [1] }],
      },
    };
    expect(await sendOtlp(server, requestOf(load, duration))).toMatchObject({ status: 200, body: {} });
    expect(await query('{"http.load", "http.route"="/a"}')).toEqual([
      [{ __name__: 'http.load', 'http.route': '/a' }, 0.5],
    ]);
    expect(await query('{"http.server.duration_sum"}')).toEqual([
      [{ __name__: 'http.server.duration_sum', 'http.route': '/a' }, 3],
    ]);
    expect((await query('{"http.server.duration_bucket", le="+Inf"}')).map(([, value]) => value)).toEqual([2]);
    expect(await query('{__name__=~"http_.*"}')).toEqual([]);
  });

  test.each([
    ['1.0', firstVersion],
    ['2.0', secondVersion],
  ] as const)('a sender of remote write %s', async (version, encode) => {
    const labels = { __name__: `größe.v${version}`, 'host.name': 'h' };
    const response = await sendWrite(server, encode([{ labels, samples: [[7, Date.now()]] }]), version);
    expect(response.status).toBe(204);
    expect(await query(`{"größe.v${version}", "host.name"="h"}`)).toEqual([[labels, 7]]);
  });

  test('a client of Pushgateway, which also replaces and deletes them', async () => {
    const group = { job: 'a', 'group.name': 'x' };
    const body = '# TYPE "batch.level" gauge\n{"batch.level","label.name"="l"} 3\n{"batch.other"} 1\n';
    expect((await pushGroup('PUT', body)).status).toBe(200);
    expect(await query('{"batch.level"}')).toEqual([[{ __name__: 'batch.level', 'label.name': 'l', ...group }, 3]]);
    expect((await pushGroup('POST', '# TYPE "batch.level" gauge\n{"batch.level"} 4\n')).status).toBe(200);
    expect((await query('{"batch.level"}')).map(([, value]) => value)).toEqual([4]);
    expect(await query('{"batch.other", "group.name"="x"}')).toHaveLength(1);
    expect((await pushGroup('DELETE', '')).status).toBe(202);
    expect(await query('{"batch.other"} or {"batch.level"}')).toEqual([]);
  });
});

describe('names in quotes with the legacy rules', () => {
  const server = serviceUnderTest({ NAME_VALIDATION: 'legacy' });

  test('replace the metrics that are stored under the replaced characters', async () => {
    const post = (body: string) =>
      fetch(`${server.url}/metrics/job/a`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${INGEST_TOKEN}` },
        body,
      });
    const level = (labels: string) => `# TYPE "batch.level" gauge\n{"batch.level",${labels}} 1\n`;
    for (const labels of ['"x.y"="1"', '"x.y"="2"']) expect((await post(level(labels))).status).toBe(200);
    const { data } = await getJson<{ data: { result: { metric: object }[] } }>(
      server,
      '/api/v1/query?query=batch_level',
    );
    expect(data.result.map(({ metric }) => metric)).toEqual([
      expect.objectContaining({ __name__: 'batch_level', x_y: '2' }),
    ]);
  });
});
