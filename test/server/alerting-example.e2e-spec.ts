import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { isInstalled, type Prometheus, startPrometheusWith } from '../support/prometheus.js';
import { push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../docker/alerting');
const DAY_MS = 24 * 3_600_000;

const read = (file: string) => readFileSync(path.join(EXAMPLE, file), 'utf8');

const hasPrometheus = isInstalled('prometheus') && isInstalled('promtool');
const describePrometheus = hasPrometheus ? describe : describe.skip;

describePrometheus(
  `the example of alerts about stored history${hasPrometheus ? '' : ' (skipped: no Prometheus)'}`,
  () => {
    const server = serviceUnderTest({ PROMQL_OPEN_PORT: '0' });
    let folder: string;
    let prometheus: Prometheus | undefined;

    beforeAll(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'custom-metrics-alerting-'));
    });

    afterAll(async () => {
      await prometheus?.stop();
      rmSync(folder, { recursive: true });
    });

    /** Returns a server that takes alerts as Alertmanager does, and the names of the alerts that it has received. */
    async function startReceiver() {
      const received = new Map<string, string>();
      const receiver = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          const alerts = JSON.parse(body) as { labels: Record<string, string>; annotations: Record<string, string> }[];
          for (const { labels, annotations } of alerts) received.set(labels.alertname!, annotations.summary!);
          response.end();
        });
      });
      receiver.listen(0, '127.0.0.1');
      await once(receiver, 'listening');
      return { received, receiver, address: `127.0.0.1:${(receiver.address() as AddressInfo).port}` };
    }

    it('has a configuration and rules that Prometheus accepts', () => {
      const rules = path.join(EXAMPLE, 'rules.yml');
      const { status, stderr } = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    });

    it('sends alerts about what was pushed, and only those', async () => {
      const now = Date.now();
      const order = (value: number, timestamp: number) => ({ name: 'orders_total', value, timestamp });
      const pushed = [order(10, now - 7.5 * DAY_MS), order(4, now)];
      expect((await push(server, pushed)).status).toBe(202);
      const { received, receiver, address } = await startReceiver();
      // A group is evaluated every second here, and an alert does not have to last.
      const rulesFile = path.join(folder, 'rules.yml');
      writeFileSync(
        rulesFile,
        read('rules.yml')
          .replace('interval: 1m', 'interval: 1s')
          .replaceAll(/ for: \w+/g, ' for: 0s'),
      );
      const openUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
      const config = read('prometheus.yml')
        .replace('http://app:3002', openUrl)
        .replace('alertmanager:9093', address)
        .replace('[alerts.yml, own-alerts.yml]', `[${JSON.stringify(rulesFile)}]`);
      // Prometheus learns of the receiver some seconds after the first alerts.
      prometheus = await startPrometheusWith(config, ['--rules.alert.resend-delay=1s']);
      try {
        process.stderr.write(
          (await (await fetch(`${prometheus.url}/api/v1/rules`)).text()) +
            '\n' +
            (await (await fetch(`${prometheus.url}/api/v1/alertmanagers`)).text()) +
            '\n',
        );
        await eventually(() =>
          expect([...received.keys()].toSorted()).toEqual(['FewerOrdersThanLastWeek', 'NightlyExportMissing']),
        );
        expect(received.get('FewerOrdersThanLastWeek')).toBe(
          'Only 4 orders in a day, less than half of the same day last week',
        );
        const answer = await prometheus.query('sum_over_time(orders_total{__view__="delta"}[1h])');
        expect(answer.map(({ value }) => value[1])).toEqual(['4']);
        // Other selectors do not reach the service.
        expect(await prometheus.query('orders_total')).toEqual([]);
      } finally {
        receiver.closeAllConnections();
        receiver.close();
      }
    });
  },
);
