import { once } from 'node:events';
import http from 'node:http';
import { eventually } from '../support/eventually.js';
import { at, BASE, type ErrorBody, HistoryApi, iso, MINUTE, type SamplesPage } from '../support/history-api.js';
import { ADMIN_TOKEN, createToken, getJson } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('samples of the history', () => {
  const server = serviceUnderTest({ HISTORY_MAX_SAMPLES: '2000' });
  const history = new HistoryApi(server);

  it('gives raw samples in time order, and pages that join without gap or overlap', async () => {
    const items = Array.from({ length: 60 }, (_, index) =>
      at((index * 7) % 20, 'paged_total', index, { app: String(index % 3) }),
    );
    await history.pushAll(items);
    const path = `/api/history/samples?metric=paged_total&from=${BASE}&to=${BASE + 20_000}`;
    const { samples: all } = await getJson<SamplesPage>(server, path);
    expect(all).toHaveLength(60);
    expect(all.map((sample) => sample.at)).toEqual(all.map((sample) => sample.at).toSorted());
    for (const limit of [1, 7, 20, 59, 60]) {
      const paged = await history.pages(`${path}&limit=${limit}`, 'samples');
      expect(paged.flat()).toEqual(all);
      expect(paged).toHaveLength(Math.ceil(60 / limit));
    }
    const [end] = (await getJson<SamplesPage>(server, path.replace(String(BASE + 20_000), iso(19)))).samples.slice(-1);
    expect(end!.at < iso(19)).toBe(true);
  });

  it('streams CSV with harmless and quoted fields', async () => {
    await history.pushAll([
      at(0, 'csv_total', 1.5, { who: 'a "quoted", name', value: 'collides' }),
      at(1, 'csv_total', 2, { who: '=HYPERLINK("evil")' }),
    ]);
    const path = `/api/history/samples?metric=csv_total&from=${BASE}&to=${BASE + MINUTE}`;
    const expected = [
      'metric,at,value,label_value,who',
      `csv_total,${iso(0)},1.5,collides,"a ""quoted"", name"`,
      `csv_total,${iso(1)},2,,"'=HYPERLINK(""evil"")"`,
      '',
    ].join('\r\n');
    const plain = await history.get(path, { Accept: 'text/csv; charset=utf-8', 'Accept-Encoding': 'identity' });
    expect(plain.headers.get('content-type')).toContain('text/csv');
    expect(plain.headers.get('content-disposition')).toMatch(/^attachment; filename=csv_total_.*\.csv$/);
    expect(await plain.text()).toBe(expected);

    const refused = await history.get(`${path}&limit=5`, { Accept: 'text/csv' });
    expect([refused.status, ((await refused.json()) as ErrorBody).details[0]!.path]).toEqual([400, '/query/limit']);
  });

  it('stops a CSV whose client has disconnected', async () => {
    for (let batch = 0; batch < 5; batch++) {
      await history.pushAll(
        Array.from({ length: 2_000 }, (_, index) =>
          at(batch * 20 + index / 100, 'large_gauge', index, { pad: 'x'.repeat(900) }),
        ),
      );
    }
    const path = `/api/history/samples?metric=large_gauge&from=${BASE}&to=${BASE + 2 * MINUTE}`;
    // There are more requests than slots, so some would be refused if the slots were not released.
    for (let round = 0; round < 40; round++) {
      // On a busy machine, the server may not have noticed yet that clients have disconnected.
      await eventually(async () => {
        const request = http.get(server.url + path, { headers: { Authorization: ADMIN_TOKEN, Accept: 'text/csv' } });
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        request.destroy();
        expect(response.statusCode).toBe(200);
      });
    }
    const whole = await history.get(path, { Accept: 'text/csv' });
    expect((await whole.text()).split('\r\n')).toHaveLength(10_002);
  });

  it('refuses too many requests of one token with 429 and of all with 503, and accepts pushes all the time', async () => {
    const path = `/api/history/samples?metric=large_gauge&from=${BASE}&to=${BASE + 2 * MINUTE}`;
    const agent = new http.Agent({ maxSockets: Infinity });
    const [second, third] = await Promise.all(
      ['second', 'third'].map((name) => createToken(server, { name, scopes: ['read'] })),
    );
    // These clients read nothing, so each keeps its slot.
    const clients: http.ClientRequest[] = [];
    const takePlaces = (count: number, token: string) =>
      Promise.all(
        Array.from({ length: count }, () =>
          // On a busy machine, a slot may still be taken by the previous test.
          eventually(async () => {
            const request = http.get(server.url + path, {
              agent,
              headers: { Authorization: token, Accept: 'text/csv' },
            });
            const [response] = (await once(request, 'response')) as [http.IncomingMessage];
            if (response.statusCode === 200) clients.push(request);
            else request.destroy();
            expect(response.statusCode).toBe(200);
          }),
        ),
      );
    const refusal = async (token: string) => {
      const refused = await history.get('/api/history/samples?metric=large_gauge', { Authorization: token });
      return [refused.status, refused.headers.get('retry-after')];
    };
    // A token may have three slots for each free one, and there are 32.
    await takePlaces(24, ADMIN_TOKEN);
    expect(await refusal(ADMIN_TOKEN)).toEqual([429, '2']);
    await takePlaces(6, second!);
    expect(await refusal(second!)).toEqual([429, '2']);
    await takePlaces(2, third!);
    expect(await refusal(third!)).toEqual([503, '2']);
    await history.pushAll([{ name: 'meanwhile_total', value: 1 }]);
    for (const client of clients) client.destroy();
    // The server releases the slots once it has noticed that the clients have disconnected.
    await eventually(async () =>
      expect((await history.get('/api/history/samples?metric=meanwhile_total')).status).toBe(200),
    );
  });

  it('reports the limit of samples and its setting', async () => {
    const samples = await history.refusalOf('/api/history/query?metric=large_gauge&from=-1h');
    expect(samples).toMatchObject({ status: 400, details: [{ path: '/query/from' }] });
    expect(samples.details[0]!.message).toContain('HISTORY_MAX_SAMPLES');
  });

  it('limits a range to the retention, and says so', async () => {
    await history.pushAll([0, 1, 2, 3].map((second) => at(second, 'kept_total', 1)));
    const answer = await getJson<SamplesPage>(server, '/api/history/samples?metric=kept_total&from=2001-01-01&to=now');
    expect(answer.truncated).toBe(true);
    expect(answer.truncatedBecause).toContain('RETENTION_DAYS');
    expect(answer.samples).toHaveLength(4);
    expect((await getJson<SamplesPage>(server, '/api/history/samples?metric=kept_total')).truncated).toBe(false);
  });
});
