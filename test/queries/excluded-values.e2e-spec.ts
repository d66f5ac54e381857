import { BASE, HistoryApi, MINUTE } from '../support/history-api.js';
import { ADMIN_TOKEN, getJson } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const NAME = 'excluded_total';

describe('excluded label values', () => {
  const server = serviceUnderTest({ NAME_VALIDATION: 'utf8' });
  const history = new HistoryApi(server);

  beforeAll(async () => {
    const items = [
      { value: 1, labels: { country: 'de', plan: 'free' } },
      { value: 2, labels: { country: 'fr', plan: 'free' } },
      { value: 4, labels: { country: 'uk', plan: 'paid' } },
      { value: 8, labels: { plan: 'paid', 'a=b': 'x', 'c!': 'y' } },
    ];
    await history.pushAll(items.map((item) => ({ name: NAME, timestamp: BASE, ...item })));
  });

  const range = `from=${BASE}&to=${BASE + MINUTE}&step=1m`;
  const queryOf = (labels: readonly string[]) =>
    `metric=${NAME}${labels.map((label) => `&label=${encodeURIComponent(label)}`).join('')}`;

  it.each([
    [['country!=de'], 14],
    [['country!=de', 'country!=fr'], 12],
    [['country!='], 7],
    [['country!=de', 'plan=free'], 2],
    [['country=de', 'country=fr', 'country!=fr'], 1],
    [['plan!=free', 'plan!=paid'], undefined],
    [['U__a_3d_b=x'], 8],
    [['U__a_3d_b!=x'], 7],
    [['U__c_21_=y'], 8],
    [['c!=y'], 15],
  ])('%j leaves %d', async (labels, sum) => {
    const [line] = await history.lines(`${queryOf(labels)}&${range}`);
    expect(line?.points[0]?.value).toBe(sum);
  });

  it('are left out by every route that takes label filters', async () => {
    const query = queryOf(['country!=de']);
    const samples = await getJson<{ samples: { value: number }[] }>(
      server,
      `/api/history/samples?${query}&from=${BASE}&to=${BASE + MINUTE}`,
    );
    expect(new Set(samples.samples.map(({ value }) => value))).toEqual(new Set([2, 4, 8]));
    const { series } = await getJson<{ series: unknown[] }>(server, `/api/history/series?${query}`);
    expect(series).toHaveLength(3);
    const values = await getJson<{ total: number }>(server, `/api/history/labels/country/values?${query}`);
    expect(values.total).toBe(2);
    const breakdown = await getJson<{ total: { now: number } }>(server, `/api/history/breakdown?${query}&from=${BASE}`);
    expect(breakdown.total.now).toBe(14);
    const removal = await fetch(`${server.url}/api/admin/metrics/${NAME}/series?label=country!=de&dryRun=true`, {
      method: 'DELETE',
      headers: { Authorization: ADMIN_TOKEN },
    });
    expect(await removal.json()).toMatchObject({ seriesCount: 3 });
  });

  it('need a name', async () => {
    const refusal = await history.refusalOf(`/api/history/query?metric=${NAME}&label=!=de`);
    expect(refusal.status).toBe(400);
    expect(refusal.details[0]!.message).toContain('name!=value');
  });
});
