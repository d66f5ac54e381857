import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startChangingPage } from '../support/changing-page.js';
import { eventually } from '../support/eventually.js';
import { isInstalled } from '../support/prometheus.js';
import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  sendWrite,
  valuesAt,
  WRITE_CONTENT_TYPE,
  WRITE_TYPE,
} from '../support/remote-write-messages.js';
import { INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';
import { steadyPort } from '../support/steady-port.js';

const VMAGENT = 'vmagent';
const itWithVmagent = isInstalled(VMAGENT) ? it : it.skip;

describe('what senders of remote write send by themselves', () => {
  const server = serviceUnderTest();
  const now = Date.now();
  const first = { 'X-Prometheus-Remote-Write-Version': '0.1.0' };
  const valuesOf = (expression: string) => valuesAt(server, expression, now + 1_000);

  it.each<[string, Record<string, string>, Uint8Array, '1.0' | '2.0']>([
    [
      'Prometheus 2',
      { ...first, 'User-Agent': 'Prometheus/2.42.0' },
      firstVersion([{ labels: { __name__: 'of_sender', job: 'a', sender: 'Prometheus 2' }, samples: [[1, now]] }]),
      '1.0',
    ],
    [
      'Prometheus 3',
      { 'X-Prometheus-Remote-Write-Version': '2.0.0', 'User-Agent': 'Prometheus/3.5.0', 'Retry-Attempt': '1' },
      secondVersion([
        {
          labels: { __name__: 'of_sender', job: 'a', sender: 'Prometheus 3' },
          samples: [[1, now, now - 60_000]],
          metadata: { type: WRITE_TYPE.gauge, help: 'Of a sender' },
        },
      ]),
      '2.0',
    ],
    [
      'Grafana Alloy',
      { ...first, 'User-Agent': 'Alloy/v1.9.0 (linux; docker)', 'Content-Type': 'application/x-protobuf' },
      firstVersion(
        [{ labels: { __name__: 'of_sender', cluster: 'a', sender: 'Grafana Alloy' }, samples: [[1, now]] }],
        [{ name: 'of_sender', type: WRITE_TYPE.gauge, help: 'Of a sender' }],
      ),
      '1.0',
    ],
    [
      // It neither sorts labels nor leaves out empty ones, and sends several samples of a series at once.
      'vmagent',
      { ...first, 'User-Agent': 'vmagent' },
      firstVersion([
        {
          labels: { sender: 'vmagent', __name__: 'of_sender', instance: 'a:1', empty: '' },
          samples: [
            [2, now - 5_000],
            [1, now],
          ],
        },
      ]),
      '1.0',
    ],
    [
      // It sends exemplars without being asked to, in a version that does not define them.
      'the OpenTelemetry Collector',
      { ...first, 'User-Agent': 'opentelemetry-collector-contrib/0.130.0' },
      firstVersion([
        {
          labels: { __name__: 'of_sender', otel_scope_name: 'io.app', sender: 'the OpenTelemetry Collector' },
          samples: [[1, now]],
          exemplars: 2,
        },
        { labels: { __name__: 'target_info', job: 'a', service_version: '1.2.3' }, samples: [[1, now]] },
      ]),
      '1.0',
    ],
  ])('is stored if it comes from %s', async (sender, headers, message, version) => {
    // The first request creates the series, and the second one finds it by its bytes.
    for (let times = 0; times < 2; times++) {
      const response = await sendWrite(server, message, version, headers);
      expect([response.status, await response.text()]).toEqual([204, '']);
    }
    expect(await valuesOf(`of_sender{sender="${sender}"}`)).toEqual(['1']);
  });

  it('is refused with 415 if vmagent compresses with zstd, after which it sends snappy', async () => {
    const response = await fetch(`${server.url}/api/v1/write`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${INGEST_TOKEN}`,
        'Content-Type': WRITE_CONTENT_TYPE['1.0'],
        'Content-Encoding': 'zstd',
        'User-Agent': 'vmagent',
        'X-VictoriaMetrics-Remote-Write-Version': '1',
      },
      body: Buffer.from('28b52ffd0400090000000000', 'hex'),
    });
    expect([response.status, await response.text()]).toEqual([415, expect.stringContaining('send snappy')]);
  });

  it.each(['GET', 'POST'])('does not claim to know the protocol of VictoriaMetrics (%s)', async (method) => {
    // Versions of vmagent before 1.116 ask for it, and send snappy after any answer other than 200 with a number.
    const response = await fetch(`${server.url}/api/v1/write?get_vm_proto_version=1`, {
      method,
      headers: { Authorization: `Bearer ${INGEST_TOKEN}`, 'Content-Type': WRITE_CONTENT_TYPE['1.0'] },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  it('gets a 4xx for what can never be stored, because senders repeat a request after 5xx and 429', async () => {
    const impossible: SeriesToWrite[] = [
      { labels: { __name__: 'never' }, samples: [[1, now + 86_400_000]] },
      { labels: { __name__: 'x'.repeat(5_000) }, samples: [[1, now]] },
    ];
    for (const each of impossible) expect((await sendWrite(server, firstVersion([each]))).status).toBe(400);
    const large = await fetch(`${server.url}/api/v1/write`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${INGEST_TOKEN}`, 'Content-Type': WRITE_CONTENT_TYPE['1.0'] },
      body: Buffer.alloc(6_000_000),
    });
    expect(large.status).toBe(413);
  });

  itWithVmagent('arrives from a real vmagent', async () => {
    const page = await startChangingPage(5);
    const folder = await mkdtemp(path.join(tmpdir(), 'custom-metrics-vmagent-'));
    const config = path.join(folder, 'scrape.yml');
    const targets = [new URL(page.url).host];
    await writeFile(
      config,
      JSON.stringify({ scrape_configs: [{ job_name: 'shop', scrape_interval: '1s', static_configs: [{ targets }] }] }),
    );
    const child = spawn(
      VMAGENT,
      [
        `-promscrape.config=${config}`,
        `-remoteWrite.url=${server.url}/api/v1/write`,
        `-remoteWrite.bearerToken=${INGEST_TOKEN}`,
        `-remoteWrite.tmpDataPath=${path.join(folder, 'queue')}`,
        '-remoteWrite.flushInterval=200ms',
        `-httpListenAddr=127.0.0.1:${await steadyPort()}`,
      ],
      { stdio: 'ignore' },
    );
    const exited = once(child, 'exit');
    try {
      await eventually(async () => {
        const at = Date.now();
        expect(await valuesAt(server, 'count(orders_total{job="shop"})', at)).toEqual(['5']);
        expect(await valuesAt(server, 'up{job="shop"}', at)).toEqual(['1']);
        const [samples] = await valuesAt(server, 'count_over_time(up{job="shop"}[1m])', at);
        expect(Number(samples)).toBeGreaterThan(2);
      });
    } finally {
      child.kill('SIGTERM');
      await exited;
      await page.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
