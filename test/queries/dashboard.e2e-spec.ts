import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { collectDefaultMetrics, Registry } from 'prom-client';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'docker/grafana/dashboards');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: DataSource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: DataSource }[];
  readonly panels?: readonly Panel[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly datasource?: DataSource;
  readonly definition?: string;
  readonly current: { readonly value: string };
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(file: string): Dashboard {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Dashboard;
}

/** Returns all panels except rows, including the panels inside collapsed rows. */
function panelsOf({ panels }: Dashboard): readonly Panel[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== 'row');
}

/** Returns the expressions of a dashboard, with values for Grafana's variables. */
function expressionsOf(dashboard: Dashboard): readonly string[] {
  const values: Record<string, string> = { __rate_interval: '1m', __interval: '15s', __range: '1h' };
  for (const { name, current } of dashboard.templating.list) values[name] = current.value;
  const fill = (text: string) =>
    text.replaceAll(/\$\{?(\w+)\}?/g, (variable, name: string) => values[name] ?? variable);
  return panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => fill(expr)));
}

/** Returns the names of the service's own metrics that the sources contain, and of the default metrics of prom-client. */
function ownMetricNames(): ReadonlySet<string> {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(path.join(root, 'src', file), 'utf8'));
  const declared = sources.flatMap((text) =>
    [...text.matchAll(/'(custom_metrics_[a-z_]+)'/g)].map(([, name]) => name!),
  );
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const defaults = registry.getMetricsAsArray().map(({ name }) => name);
  return new Set([...declared, ...defaults]);
}

it('has a dashboard', () => {
  expect(files).not.toEqual([]);
  const uids = files.map((file) => read(file).uid);
  expect(new Set(uids).size).toBe(uids.length);
});

describe.each(files)('the dashboard %s', (file) => {
  const dashboard = read(file);
  const panels = panelsOf(dashboard);

  it('can be linked to, and is not wrapped as in answers of Grafana', () => {
    expect(dashboard.uid).toMatch(/^[a-z0-9-]{1,40}$/);
    expect(dashboard.title).toBeTruthy();
    expect(panels.length).toBeGreaterThan(0);
  });

  it.each(panels.map((panel) => [panel.title ?? `panel ${panel.id}`, panel] as const))(
    'says what "%s" shows, in which unit, and from where',
    (_, { title, description, datasource, fieldConfig, targets = [] }) => {
      expect(title).toBeTruthy();
      expect(description).toMatch(/\w.*\.$/s);
      expect(fieldConfig?.defaults.unit).toBeTruthy();
      expect(targets).not.toEqual([]);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(source).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^(?:prometheus|history)$/) });
      }
      expect(targets.map((target) => target.datasource)).toEqual(targets.map(() => datasource));
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    },
  );

  it('gives every panel its own number and place', () => {
    const all = dashboard.panels;
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (__, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...all.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  it('declares its variables and leaves none without a value', () => {
    for (const { type, datasource, current } of dashboard.templating.list) {
      expect(current.value).toBeTruthy();
      if (type === 'query') expect(datasource).toEqual({ type: 'prometheus', uid: 'prometheus' });
    }
    expect(expressionsOf(dashboard).filter((expression) => expression.includes('$'))).toEqual([]);
  });

  it('uses only metrics that the service has', () => {
    const known = ownMetricNames();
    const text = expressionsOf(dashboard)
      .join('\n')
      .replaceAll(/"[^"]*"/g, '');
    const asked = text.match(/\b(?:custom_metrics|nodejs|process)_\w+/g) ?? [];
    expect(asked).not.toEqual([]);
    expect(asked.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual(
      [],
    );
  });

  // Prometheus itself checks the expressions, in the form of recording rules. JSON is valid YAML.
  (hasPromtool ? it : it.skip)(
    `has PromQL that Prometheus can read${hasPromtool ? '' : ' (promtool is missing)'}`,
    async () => {
      const temporary = mkdtempSync(path.join(tmpdir(), 'dashboard-'));
      try {
        const rules = expressionsOf(dashboard).map((expr, index) => ({ record: `panel:query:${index}`, expr }));
        const rulesFile = path.join(temporary, 'rules.yml');
        writeFileSync(rulesFile, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
        await promisify(execFile)('promtool', ['check', 'rules', rulesFile]);
      } finally {
        rmSync(temporary, { recursive: true });
      }
    },
  );
});

it.each(['prometheus', 'history'])('reads the data source %s, which is provisioned', (uid) => {
  const provisioned = readFileSync(path.join(root, `docker/grafana/provisioning/datasources/${uid}.yml`), 'utf8');
  expect(provisioned).toMatch(new RegExp(`^ +uid: ${uid}$`, 'm'));
});
