import { eventually } from '../support/eventually.js';
import { getJson, type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

describe('a gauge that is pushed as changes', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  const start = () => store.start({ COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' });

  beforeAll(async () => {
    server = await start();
  });

  const change = (name: string, value: number, more: Partial<Item> = {}): Item => ({
    name,
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

  async function valuesOf(name: string, aggregate: string): Promise<(number | null)[]> {
    const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      `/api/history/query?metric=${name}&from=-1h&step=1h&aggregate=${aggregate}`,
    );
    return series[0]!.points.map(({ value }) => value).filter((value) => value !== null);
  }

  it('adds up, may fall, and is shown as a gauge', async () => {
    expect(await answersTo([change('jobs_running', 5), change('jobs_running', -7.5), change('jobs_running', 1)])).toBe(
      202,
    );
    const page = await scrape(server);
    expect(page).toContain('# TYPE jobs_running gauge');
    expect(valueOn(page, 'jobs_running')).toBe(-1.5);
    expect((await valuesOf('jobs_running', 'last')).at(-1)).toBe(-1.5);
    expect((await valuesOf('jobs_running', 'min')).at(-1)).toBe(-2.5);
    expect((await valuesOf('jobs_running', 'max')).at(-1)).toBe(5);
  });

  it('holds the same after a compaction and a restart', async () => {
    expect(await answersTo([change('jobs_kept', 5), change('jobs_kept', -7.5)])).toBe(202);
    await eventually(async () => expect((await store.client.query('SELECT 1 FROM sample_batch')).rows).toEqual([]));
    await server.stop();
    server = await start();
    expect(valueOn(await scrape(server), 'jobs_kept')).toBe(-2.5);
    expect(await answersTo([change('jobs_kept', 1)])).toBe(202);
    expect(valueOn(await scrape(server), 'jobs_kept')).toBe(-1.5);
    expect((await valuesOf('jobs_kept', 'last')).at(-1)).toBe(-1.5);
  });

  it('keeps its kind, and refuses the other kind', async () => {
    expect(await answersTo([change('jobs_of_a_kind', 5)])).toBe(202);
    expect(await answersTo([{ name: 'jobs_of_a_kind', value: -2 }])).toBe(202);
    expect(valueOn(await scrape(server), 'jobs_of_a_kind')).toBe(3);
    expect(await answersTo([change('jobs_of_a_kind', 8, { temporality: 'cumulative' })])).toMatchObject({
      rejected: [{ reason: 'temporality_conflict' }],
    });
    expect(await answersTo([{ name: 'temperature_of_a_kind', value: 20 }])).toBe(202);
    expect(await answersTo([change('temperature_of_a_kind', 1)])).toMatchObject({
      rejected: [{ reason: 'temporality_conflict' }],
    });
    expect(valueOn(await scrape(server), 'temperature_of_a_kind')).toBe(20);
  });

  it('exists only if the item says that it is a gauge', async () => {
    expect(await answersTo([{ name: 'temperature', value: 20, temporality: 'delta' }])).toBe(202);
    expect(await answersTo([{ name: 'temperature', value: 21, temporality: 'delta' }])).toBe(202);
    expect(valueOn(await scrape(server), 'temperature')).toBe(21);
  });
});
