import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { getJson, type Item, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

describe('a gauge that is pushed as changes', () => {
  let database: TestDatabase;
  let server: TestServer;

  beforeEach(async () => {
    database = await createTestDatabase();
    server = await start();
  });

  afterEach(async () => {
    await server.kill();
    await database.drop();
  });

  const start = () =>
    startServer({
      DATABASE_URL: database.url,
      COMPACTION_HORIZON_SECONDS: '1',
      COMPACTION_INTERVAL_SECONDS: '1',
    });
  const change = (value: number, more: Partial<Item> = {}): Item => ({
    name: 'jobs_running',
    type: 'gauge',
    temporality: 'delta',
    value,
    ...more,
  });

  async function answersTo(items: readonly Item[]): Promise<unknown> {
    const response = await push(server, items);
    const text = await response.text();
    return text === '' ? response.status : (JSON.parse(text) as unknown);
  }

  async function whatItHolds(aggregate: string): Promise<(number | null)[]> {
    const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      `/api/history/query?metric=jobs_running&from=-1h&step=1h&aggregate=${aggregate}`,
    );
    return series[0]!.points.map(({ value }) => value).filter((value) => value !== null);
  }

  it('adds up, may fall, and is shown as a gauge', async () => {
    expect(await answersTo([change(5), change(-7.5), change(1)])).toBe(202);
    const page = await scrape(server);
    expect(page).toContain('# TYPE jobs_running gauge');
    expect(valueOn(page, 'jobs_running')).toBe(-1.5);
    expect((await whatItHolds('last')).at(-1)).toBe(-1.5);
    expect((await whatItHolds('min')).at(-1)).toBe(-2.5);
    expect((await whatItHolds('max')).at(-1)).toBe(5);
  });

  it('holds the same after a compaction and a restart', async () => {
    expect(await answersTo([change(5), change(-7.5)])).toBe(202);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await eventually(async () => expect((await client.query('SELECT 1 FROM sample_batch')).rows).toEqual([]));
    await client.end();
    await server.stop();
    server = await start();
    expect(valueOn(await scrape(server), 'jobs_running')).toBe(-2.5);
    expect(await answersTo([change(1)])).toBe(202);
    expect(valueOn(await scrape(server), 'jobs_running')).toBe(-1.5);
    expect((await whatItHolds('last')).at(-1)).toBe(-1.5);
  });

  it('keeps its kind, and refuses the other kind', async () => {
    expect(await answersTo([change(5)])).toBe(202);
    expect(await answersTo([{ name: 'jobs_running', value: -2 }])).toBe(202);
    expect(valueOn(await scrape(server), 'jobs_running')).toBe(3);
    expect(await answersTo([change(8, { temporality: 'cumulative' })])).toMatchObject({
      rejected: [{ reason: 'temporality_conflict' }],
    });
    expect(await answersTo([{ name: 'temperature', value: 20 }])).toBe(202);
    expect(await answersTo([change(1, { name: 'temperature' })])).toMatchObject({
      rejected: [{ reason: 'temporality_conflict' }],
    });
    expect(valueOn(await scrape(server), 'temperature')).toBe(20);
  });

  it('exists only if the item says that it is a gauge', async () => {
    expect(await answersTo([{ name: 'temperature', value: 20, temporality: 'delta' }])).toBe(202);
    expect(await answersTo([{ name: 'temperature', value: 21, temporality: 'delta' }])).toBe(202);
    expect(valueOn(await scrape(server), 'temperature')).toBe(21);
  });
});
