import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Example, examplesIn, hasCommand, runExample } from '../support/examples.js';
import { INGEST_TOKEN, scrape, createToken } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/send-metrics.md'), 'utf8');

/** The lines that each example adds to the exposition. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  curl: /^from_curl_total\{host="db1"\} 1$/m,
  'Our client': /^from_client_total\{country="de"\} 2$/m,
  'Unleash SDK': /^from_unleash\{[^}]*appName="shop"[^}]*\} 3$/m,
  OpenTelemetry: /^from_opentelemetry_total\{[^}]*\} 4$/m,
  Pushgateway: /^from_pushgateway_total\{job="backup"\} 5$/m,
  Python: /^from_python_total 6$/m,
};

describe('the page "Send metrics from …"', () => {
  const server = serviceUnderTest();
  let cumulativeToken: string;

  beforeAll(async () => {
    cumulativeToken = await createToken(server, { defaultTemporality: 'cumulative' });
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
