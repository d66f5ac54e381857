import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ALERT_CASES, type AlertCase, HEALTHY } from '../support/alert-cases.js';
import { eventually } from '../support/eventually.js';
import { isInstalled } from '../support/prometheus.js';
import { getJson, push, scrape, valueOn } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const RULES_FILE = path.join(ROOT, 'docker/alerts.yml');
const RULES = readFileSync(RULES_FILE, 'utf8');
const ALERTS = [...RULES.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
const itWithPromtool = isInstalled('promtool') ? it : it.skip;

describe('the alert rules', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'alerts-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs `promtool test rules` with a file in JSON, which is also valid YAML. */
  async function testRules(name: string, tests: readonly object[]): Promise<void> {
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ rule_files: [RULES_FILE], evaluation_interval: '1m', tests }));
    await run('promtool', ['test', 'rules', file]);
  }

  itWithPromtool('can be read by Prometheus (needs promtool)', async () => {
    await run('promtool', ['check', 'rules', RULES_FILE]);
  });

  itWithPromtool('do not fire while there is no problem (needs promtool)', async () => {
    const firing = ['1h', '3h'].map((time) => ({ expr: 'ALERTS', eval_time: time, exp_samples: [] }));
    await testRules('healthy', [{ interval: '1m', input_series: inputOf(HEALTHY), promql_expr_test: firing }]);
  });

  it('each have a case in which they fire', () => {
    expect(ALERT_CASES.map(({ alert }) => alert).toSorted()).toEqual(ALERTS.toSorted());
  });

  itWithPromtool.each(ALERT_CASES.map((each) => [each.alert, each] as const))(
    'fire when they should, and no other one does: %s (needs promtool)',
    async (alert, { series, firesAfter, labels }: AlertCase) => {
      const severity = new RegExp(`- alert: ${alert}\\n[^]*?severity: (\\w+)`).exec(RULES)![1]!;
      const expected = metricOf('ALERTS', { alertname: alert, alertstate: 'firing', severity, ...labels });
      const input = inputOf({ ...HEALTHY, ...series });
      const check = {
        expr: 'ALERTS{alertstate="firing"}',
        eval_time: firesAfter,
        exp_samples: [{ labels: expected, value: 1 }],
      };
      await testRules(alert, [{ interval: '1m', input_series: input, promql_expr_test: [check] }]);
    },
  );

  it('describe the problem completely', () => {
    expect(RULES.match(/ summary: /g)).toHaveLength(ALERTS.length);
    expect(RULES.match(/ description: .*\.$/gm)).toHaveLength(ALERTS.length);
    const documented = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
    expect(ALERTS.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });

  it('are loaded by the Prometheus of the compose file', () => {
    const configuration = readFileSync(path.join(ROOT, 'docker/prometheus.yml'), 'utf8');
    expect(configuration).toMatch(/^rule_files: \[alerts\.yml\]$/m);
    const compose = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
    expect(compose).toContain('./docker/alerts.yml:/etc/prometheus/alerts.yml:ro');
  });
});

describe("the service's own metrics", () => {
  const server = serviceUnderTest();

  it('include every metric that an alert or the dashboard uses', async () => {
    // Counters with labels exist only after they have counted for the first time.
    await push(server, [{ name: 'refused_total', value: -1 }]);
    await getJson(server, '/api/v1/query?query=1');
    const shown = new Set([...(await scrape(server)).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
    const dashboard = readFileSync(path.join(ROOT, 'docker/grafana/dashboards/custom-metrics.json'), 'utf8');
    const expressions = [...dashboard.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!).join('\n');
    const asked = new Set(`${expressions}\n${RULES}`.match(/\b(?:custom_metrics|nodejs|process)_[a-z0-9_]+/g));
    expect(asked.size).toBeGreaterThan(15);
    for (const name of ABSENT_WHILE_HEALTHY) if (isInSources(name)) shown.add(name);
    expect(
      [...asked].filter((name) => !shown.has(name) && !shown.has(name.replace(/_(bucket|sum|count)$/, ''))),
    ).toEqual([]);
  });

  it('include the disk usage of the data', async () => {
    await push(server, [{ name: 'on_disk_total', value: 1 }]);
    await eventually(async () => {
      const page = await scrape(server);
      expect(valueOn(page, 'custom_metrics_log_size_bytes')).toBeGreaterThan(0);
      expect(valueOn(page, 'custom_metrics_database_size_bytes')).toBeGreaterThan(1_000_000);
    });
  });
});

/** Metrics that have series only while something fails, so that they are absent in the exposition of a healthy service. */
const ABSENT_WHILE_HEALTHY = [
  'custom_metrics_background_failing_seconds',
  'custom_metrics_forwarding_refused_samples_total',
  'custom_metrics_forwarding_dropped_samples_total',
];

function isInSources(metric: string): boolean {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .some((file) => readFileSync(path.join(ROOT, 'src', file), 'utf8').includes(`'${metric}'`));
}

function inputOf(series: Readonly<Record<string, string>>): object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

function metricOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${pairs.join(',')}}`;
}
