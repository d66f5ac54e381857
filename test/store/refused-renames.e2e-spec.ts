import { identityOf } from '../../src/catalog/series/series-identity.js';
import { eventually } from '../support/eventually.js';
import { rename } from '../support/renames.js';
import { ADMIN_TOKEN, createToken, type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

describe('renaming a metric, when it is not possible', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start();
  });

  const pushAll = async (items: readonly Item[]) => {
    const response = await push(server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  };
  const declare = (name: string, declaration: Item) =>
    fetch(`${server.url}/api/admin/metrics/${name}`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify(declaration),
    });
  const storedNames = async (pattern: string) =>
    (
      await store.client.query<{ name: string }>('SELECT name FROM metric WHERE name ~ $1 ORDER BY id', [pattern])
    ).rows.map(({ name }) => name);
  const onPage = (check: (page: string) => void) => eventually(async () => check(await scrape(server)));

  test('refuses what is not possible, and renames nothing then', async () => {
    await pushAll([
      { name: 'plain_total', value: 1 },
      { name: 'labelled_total', value: 1, labels: { job: 'shop' } },
      { name: 'gauge', value: 1 },
    ]);
    await onPage((page) => expect(valueOn(page, 'plain_total')).toBe(1));
    const before = await storedNames('.');
    const refusals = [
      ['plane_total', 'x', 404, 'Did you mean plain_total?'],
      ['plain_total', 'gauge', 409, 'There is already a gauge gauge'],
      ['gauge', 'process_cpu_seconds_total', 409, 'is a counter of this service'],
      ['plain_total', 'process_cpu_seconds_total', 409, 'no label distinguishes'],
      ['plain_total', 'up', 409, 'Prometheus itself writes up'],
      ['plain_total', 'plain_total', 400, 'is the present one'],
      ['plain_total', 'not legal', 400, 'Try not_legal.'],
      ['plain_total', '', 400, 'invalid data'],
      ['plain_total', 'x'.repeat(5_000), 400, 'consists of at most'],
      ['plain_total', 'x'.repeat(20_000), 400, 'invalid data'],
      ['plain_total', 7, 400, 'invalid data'],
      ['plain_total', '\ud800', 400, 'A metric name consists of'],
      ['a\0b', 'b', 404, 'There is no metric'],
    ] as const;
    for (const [from, to, status, text] of refusals) {
      const refused = await rename(server, from, to);
      expect([refused.status, refused.body.message]).toEqual([status, expect.stringContaining(text)]);
    }
    for (const query of ['?dryrun=true', '?dryRun=1'])
      expect((await rename(server, 'plain_total', 'x', { query })).status).toBe(400);
    const token = await createToken(server, { scopes: ['read'] });
    expect((await rename(server, 'plain_total', 'x', { token })).status).toBe(403);
    expect(await storedNames('.')).toEqual(before);
    // With a label that tells it from the service's own series, the name is possible, as in a push.
    const possible = await rename(server, 'labelled_total', 'process_cpu_seconds_total', { query: '?dryRun=true' });
    expect([possible.status, possible.body.seriesCount]).toEqual([200, 1]);
    // The type is stored, so a counter may lose its suffix.
    expect((await rename(server, 'plain_total', 'plain')).status).toBe(200);
    await onPage((page) => expect(valueOn(page, 'plain')).toBe(1));
    await pushAll([{ name: 'plain', value: 2 }]);
    await onPage((page) => expect(page).toContain('# TYPE plain counter\nplain 3\n'));
  });

  test('answers 409 if series of the new name are created in between', async () => {
    await pushAll([
      { name: 'early_total', value: 1 },
      { name: 'other_total', value: 1 },
    ]);
    // The series of another metric stands for one that a push has just created.
    await store.client.query(
      `UPDATE series SET identity = $1 FROM metric WHERE metric.id = metric_id AND metric.name = 'other_total'`,
      [identityOf('late_total', '')],
    );
    const { status, body } = await rename(server, 'early_total', 'late_total');
    expect([status, body.message]).toEqual([409, expect.stringContaining('has just been created by a push')]);
    expect(await storedNames('^(?:early|late)_total$')).toEqual(['early_total']);
  });

  test('a wrong unit or help text can be replaced, and a wrong type cannot', async () => {
    const declaring = async (declaration: Item) => {
      const response = await declare('wait_time', declaration);
      return [response.status, ((await response.json()) as { unit?: string }).unit];
    };
    expect(await declaring({ type: 'gauge', unit: 'secons', help: 'Wiat' })).toEqual([200, 'secons']);
    await pushAll([{ name: 'wait_time', value: 1, unit: 'secons' }]);
    expect(await declaring({ type: 'gauge', unit: 'seconds', help: 'Wait' })).toEqual([200, 'seconds']);
    await onPage((page) => expect(page).toContain('# HELP wait_time Wait\n'));
    await pushAll([{ name: 'wait_time', value: 2, unit: 'seconds' }]);
    const former = await push(server, [{ name: 'wait_time', value: 3, unit: 'secons' }]);
    expect(await former.text()).toContain('unit_conflict');
    expect(await declaring({ type: 'counter' })).toEqual([409, undefined]);
  });
});
