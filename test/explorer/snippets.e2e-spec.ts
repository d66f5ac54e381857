import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { SNIPPETS } from '../../explorer/snippets/snippets.js';
import { eventually } from '../support/eventually.js';
import { hasCommand, runExample } from '../support/examples.js';
import { createToken, getJson, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** A series that each program pushes. */
const PUSHED: Record<string, string> = {
  curl: 'my_orders_total{country="de"} 3',
  node: 'my_queue_depth{queue="mails"} 17',
  python: 'my_queue_depth 17',
  otlp: 'my_orders_total{country="de",job="unknown_service',
  unleash: 'my_purchases{',
  pushgateway: 'my_backup_bytes{instance="db1",job="backup"} 73400320',
};

describe.each([true, false])('the programs of the page Connect, with the token in them: %s', (hasToken) => {
  const server = serviceUnderTest();

  test.each(SNIPPETS.map((snippet) => [snippet.id, snippet] as const))('%s pushes', async (id, snippet) => {
    if (id === 'python' && !(await hasCommand('python3'))) {
      console.warn('python3 is missing: its program is skipped');
      return;
    }
    const token = await createToken(server, snippet.sendsTotals ? { defaultTemporality: 'cumulative' } : {});
    const code = snippet.write({ url: server.url, token: hasToken ? token : null });
    expect(code.includes(token)).toBe(hasToken);
    await runExample({ language: snippet.language, code }, hasToken ? {} : { INGEST_TOKEN: token });
    await eventually(async () => expect(await scrape(server)).toContain(PUSHED[id]));
  });

  test('all of them are in the history', async () => {
    const { metrics } = await getJson<{ metrics: { name: string }[] }>(
      server,
      '/api/history/metrics?search=my_&families=true',
    );
    expect(metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['my_orders_total', 'my_queue_depth', 'my_purchases', 'my_backup_bytes']),
    );
  });
});

describe('a program for a shell', () => {
  it('lets a shell read nothing but texts in an address and a token, whatever is in them', () => {
    const hostile = fc
      .array(fc.constantFrom("'", '"', '$(touch x)', '`', '\\', ' ', ';', '\n', '!', '#', 'a'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(hostile, hostile, (address, token) => {
        const code = SNIPPETS[0]!.write({ url: `http://${address}`, token });
        const script = `curl() { printf '%s\\0' "$@"; }\n${code}`;
        const words = execFileSync('sh', ['-c', script], { cwd: '/', encoding: 'utf8' }).split('\0');
        expect(words[3]).toBe(`http://${address}/api/client/metrics/custom`);
        expect(words[5]).toBe(`Authorization: ${token}`);
      }),
      { numRuns: 40 },
    );
  });
});
