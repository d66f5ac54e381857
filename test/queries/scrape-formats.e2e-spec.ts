import { eventually } from '../support/eventually.js';
import { isInstalled, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { type ScrapeProxy, startScrapeProxy } from '../support/scrape-proxy.js';
import { push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

describe('the format of a scrape', () => {
  const server = serviceUnderTest();

  beforeAll(async () => {
    const taken = await push(server, [
      { name: 'sent_bytes_total', help: 'What was sent', unit: 'bytes', value: 512, labels: { path: '/' } },
    ]);
    expect(taken.status).toBe(202);
  });

  test.each([
    ['Prometheus 2.55', 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2',
    ],
  ])('%s gets OpenMetrics, at both paths', async (_version, accept) => {
    for (const url of [server.metricsUrl, `${server.url}/internal-backstage/prometheus`]) {
      const response = await fetch(url, { headers: { Accept: accept } });
      expect(response.headers.get('content-type')).toContain(OPENMETRICS);
      expect(response.headers.get('vary')).toContain('Accept');
      const page = await response.text();
      expect(page).toContain('# UNIT sent_bytes bytes\n');
      expect(page).toMatch(/\n# EOF\n$/);
    }
  });

  test('curl gets text', async () => {
    const response = await fetch(server.metricsUrl, { headers: { Accept: '*/*' } });
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).not.toContain('# UNIT');
  });

  const hasPrometheus = isInstalled('prometheus');
  const testPrometheus = hasPrometheus ? test : test.skip;

  testPrometheus(
    `a real Prometheus scrapes in OpenMetrics${hasPrometheus ? '' : ' (skipped: not installed)'}`,
    async () => {
      let proxy: ScrapeProxy | undefined;
      let prometheus: Prometheus | undefined;
      try {
        proxy = await startScrapeProxy(server.metricsUrl);
        prometheus = await startPrometheus({ custom: proxy.url });
        const started = prometheus;
        const values: Record<string, number> = {};
        await eventually(async () => {
          for (const { metric, value } of await started.query(
            'label_replace({__name__=~"sent_bytes_.+"}, "name", "$1", "__name__", "(.*)")',
          )) {
            values[metric.name!] = Number(value[1]);
          }
          expect(values).toEqual({ sent_bytes_created: expect.any(Number) as number, sent_bytes_total: 512 });
        });
        const [scraped] = proxy.scrapes;
        // If Prometheus requested the text format, this test would prove nothing.
        expect(scraped).toMatchObject({
          accept: expect.stringMatching(/^application\/openmetrics-text;version=1\.0\.0/) as string,
          status: 200,
          contentType: expect.stringContaining(OPENMETRICS) as string,
          page: expect.stringMatching(/\n# EOF\n$/) as string,
        });
        expect(Math.abs(values.sent_bytes_created! - Date.now() / 1000)).toBeLessThan(600);
        await eventually(async () => {
          expect(await started.metadataOf('sent_bytes')).toEqual([
            { type: 'counter', help: 'What was sent', unit: 'bytes' },
          ]);
        });
        expect(await started.query('up{job="custom"} == 1')).toHaveLength(1);
      } finally {
        await prometheus?.stop();
        await proxy?.stop();
      }
    },
  );
});
