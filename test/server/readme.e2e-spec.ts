import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { type Example, examplesIn, hasCommand, runExample } from '../support/examples.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const README = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
const examplesOf = (section: string) => examplesIn(README, section);

describe('the README', () => {
  const server = serviceUnderTest();

  const runHere = (example: Example) => runExample(example, { URL: server.url, INGEST_TOKEN, READ_TOKEN: ADMIN_TOKEN });

  test('has working examples of pushes with curl, Python and Node.js', async () => {
    const examples = examplesOf('Push');
    expect(examples.map(({ language }) => language)).toEqual(['sh', 'python', 'js']);
    let pushes = 0;
    for (const example of examples) {
      if (example.language === 'python' && !(await hasCommand('python3'))) {
        console.warn('python3 is missing: its example is skipped');
        continue;
      }
      const printed = await runHere(example);
      if (example.language !== 'sh') expect(printed).toContain('202');
      pushes++;
    }
    const page = await scrape(server);
    expect(page).toContain('http_responses_total 1\n');
    expect(page).toContain(`http_responses_total{method="GET",status="200"} ${pushes - 1}\n`);

    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { rows } = await client.query(`SELECT * FROM metric_sample WHERE metric = 'http_responses_total'`);
    await client.end();
    expect(rows.length).toBe(pushes);
  });

  test('has a working example of a scrape', async () => {
    const [example] = examplesOf('Scrape');
    expect(await runHere(example!)).toContain('http_responses_total 1\n');
  });

  test('has working queries, and every endpoint of the history finds the pushed samples', async () => {
    const [example] = examplesOf('Query');
    const printed = await runHere(example!);
    expect(printed.match(/http_responses_total/g)!.length).toBeGreaterThan(3);
    // The query in PromQL is exact: the push without labels has added 1.
    expect(printed).toMatch(/"metric":\{\},"value":\[[\d.]+,"1"\]/);
    for (const pathAndQuery of [
      '/api/admin/custom-metrics',
      '/api/history/metrics',
      '/api/history/series?metric=http_responses_total',
      '/api/history/samples?metric=http_responses_total',
      '/api/history/query?metric=http_responses_total&aggregate=increase',
    ]) {
      expect(JSON.stringify(await getJson(server, pathAndQuery))).toContain('http_responses_total');
    }
    const custom = await fetch(`${server.url}/api/admin/custom-metrics/prometheus`, {
      headers: { Authorization: ADMIN_TOKEN },
    });
    expect(await custom.text()).toContain('http_responses_total 1\n');
  });

  test('has no broken links', async () => {
    for (const [, target] of README.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(() => readFileSync(path.resolve(import.meta.dirname, '../..', target!))).not.toThrow();
    }
  });
});
