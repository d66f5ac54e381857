import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Example, examplesIn, hasCommand, runExample } from '../support/examples.js';
import { ADMIN_TOKEN, INGEST_TOKEN, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/send-metrics.md'), 'utf8');

/** What each example leaves on the page of metrics. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  curl: /^from_curl_total\{host="db1"\} 1$/m,
  'Our client': /^from_client_total\{country="de"\} 2$/m,
  'Unleash SDK': /^from_unleash\{[^}]*appName="shop"[^}]*\} 3$/m,
  OpenTelemetry: /^from_opentelemetry_total\{[^}]*\} 4$/m,
  Pushgateway: /^from_pushgateway_total\{job="backup"\} 5$/m,
  Python: /^from_python_total 6$/m,
};

describe('the page "Send metrics from …"', () => {
  let database: TestDatabase;
  let server: TestServer;
  let cumulativeToken: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url });
    const created = await fetch(`${server.url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'jobs', scopes: ['ingest'], defaultTemporality: 'cumulative' }),
    });
    ({ token: cumulativeToken } = (await created.json()) as { token: string });
  });

  afterAll(async () => {
    await server?.kill();
    await database.drop();
  });

  const run = (example: Example) =>
    runExample(example, { URL: server.url, INGEST_TOKEN, CUMULATIVE_TOKEN: cumulativeToken });

  it.each(Object.keys(SHOWN))('has an example that works: %s', async (section) => {
    const examples = examplesIn(PAGE, section);
    expect(examples).toHaveLength(1);
    const [example] = examples;
    if (example!.language === 'python' && !(await hasCommand('python3'))) {
      console.warn('python3 is missing: its example is skipped');
      return;
    }
    await run(example!);
    expect(await scrape(server)).toMatch(SHOWN[section]!);
  });

  it('has no example that is not run', () => {
    const sections = [...PAGE.matchAll(/^## (.*)\n(?:(?!^## )[^])*?^```/gm)].map(([, title]) => title);
    expect(sections).toEqual(Object.keys(SHOWN));
  });
});
