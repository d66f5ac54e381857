import http from 'node:http';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { at, BASE, HistoryApi, iso, MINUTE } from '../support/history-api.js';
import { ADMIN_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const FILE_TIME = (time: number) => new Date(time).toISOString().slice(0, 19).replaceAll(':', '');

describe('exports of the history', () => {
  const server = serviceUnderTest({});
  const history = new HistoryApi(server);
  const range = `from=${BASE}&to=${BASE + 2 * MINUTE}`;
  const points = `/api/history/query?metric=export_total&${range}&step=1m`;

  beforeAll(async () => {
    // The order of lines is that in which the series were created.
    await history.pushAll([at(0, 'export_total', 1.5, { who: '=1+1', at: 'x' })]);
    await history.pushAll([
      at(61, 'export_total', 2, { who: 'a;b' }),
      at(62, 'export_total', 0.25, { who: 'a;b' }),
      ...Array.from({ length: 200 }, (_, index) => at(index / 10, 'long_total', index, { app: 'shop' })),
    ]);
  });

  async function csvOf(path: string, headers: Record<string, string> = {}): Promise<string[]> {
    const response = await history.get(path, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
    ]);
    // The method `text` would drop a byte order mark.
    const lines = Buffer.from(await response.arrayBuffer())
      .toString()
      .split('\r\n');
    expect(lines.pop()).toBe('');
    return lines;
  }

  it.each([
    ['format=csv', {}],
    ['', { Accept: 'text/csv' }],
  ])('returns points as CSV for "%s" and %j', async (format, headers) => {
    const lines = await csvOf(`${points}&groupBy=who,gone&${format}`.replace(/&$/, ''), headers);
    expect(lines).toEqual([
      'metric,at,value,unfinished,who,gone',
      `export_total,${iso(0)},1.5,,'=1+1,`,
      `export_total,${iso(60)},0,,'=1+1,`,
      `export_total,${iso(0)},0,,"a;b",`,
      `export_total,${iso(60)},2.25,,"a;b",`,
    ]);
  });

  it('returns a column for each aggregate, for the lines left out, and for the range to compare with', async () => {
    const lines = await csvOf(
      `${points}&aggregate=max,count&lines=1&groupBy=*&compare=previous&format=csv`.replace(
        `&to=${BASE + 2 * MINUTE}`,
        `&to=${BASE + 90_000}`,
      ),
    );
    const before = (seconds: number) => iso(seconds - 90);
    expect(lines[0]).toBe('metric,at,max,count,unfinished,others,compare_at,compare_max,compare_count,who');
    expect(lines).toHaveLength(5);
    expect(lines.slice(1).map((line) => line.split(',').slice(1, 6))).toEqual([
      [iso(0), '', '0', '', ''],
      [iso(60), '2', '2', 'true', ''],
      [iso(0), '1.5', '1', '', '1'],
      [iso(60), '', '0', 'true', '1'],
    ]);
    expect(lines[1]!.split(',')[6]! <= before(0)).toBe(true);
  });

  it('returns points and samples for spreadsheets, with the decimal mark of a locale and local times', async () => {
    const local = (seconds: number) =>
      new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'Asia/Kolkata' }).format(
        BASE + seconds * 1_000,
      );
    const spreadsheet = 'format=excel&locale=de_DE&tz=Asia/Kolkata';
    expect(await csvOf(`${points}&${spreadsheet}`)).toEqual([
      '\ufeffsep=;',
      'metric;at (Asia/Kolkata);value;unfinished',
      `export_total;${local(0)};1,5;`,
      `export_total;${local(60)};2,25;`,
    ]);
    expect(await csvOf(`/api/history/samples?metric=export_total&${range}&${spreadsheet}`)).toEqual([
      '\ufeffsep=;',
      'metric;at (Asia/Kolkata);value;label_at;who',
      `export_total;${local(0)};1,5;x;'=1+1`,
      `export_total;${local(61)};2;;"a;b"`,
      `export_total;${local(62)};0,25;;"a;b"`,
    ]);
    expect((await csvOf(`${points}&format=excel`)).slice(0, 3)).toEqual([
      '\ufeffsep=,',
      'metric,at (UTC),value,unfinished',
      `export_total,${iso(0).slice(0, 19).replace('T', ' ')},1.5,`,
    ]);
  });

  it('names files by the metric and the local range', async () => {
    await history.pushAll([at(0, 'job:with:colons', 1)]);
    const nameOf = async (path: string) => (await history.get(path)).headers.get('content-disposition');
    expect(await nameOf(`/api/history/samples?metric=job:with:colons&${range}&format=csv`)).toBe(
      `attachment; filename=job_with_colons_${FILE_TIME(BASE)}_${FILE_TIME(BASE + 2 * MINUTE)}.csv`,
    );
    const shift = 5.5 * 60 * MINUTE;
    expect(await nameOf(`${points}&format=excel&tz=Asia/Kolkata`)).toContain(
      `export_total_${FILE_TIME(BASE + shift)}_${FILE_TIME(BASE + 2 * MINUTE + shift)}.csv`,
    );
  });

  it.each([
    ['format=exel', '/query/format', 'Did you mean excel?'],
    ['format=csv&locale=de-DE', '/query/locale', 'format=excel'],
    ['format=excel&locale=de--DE', '/query/locale', 'de-DE'],
    ['format=excel&tz=Europe/Berln', '/query/tz', 'Europe/Berlin'],
    ['formt=excel', '/query/formt', 'Did you mean format?'],
    [`format=excel&locale=${'x'.repeat(51)}`, '/query/locale', '50'],
  ])('refuses %s with 400', async (parameters, path, hint) => {
    for (const route of ['samples', 'query']) {
      const refused = await history.refusalOf(`/api/history/${route}?metric=export_total&${parameters}`);
      expect([refused.status, refused.details]).toEqual([
        400,
        [{ path, message: expect.stringContaining(hint) as string }],
      ]);
    }
  });

  it('refuses pages of a CSV and unknown metrics before it sends a file', async () => {
    const paged = await history.refusalOf('/api/history/samples?metric=export_total&format=excel&limit=5');
    expect([paged.status, paged.details[0]!.path]).toEqual([400, '/query/limit']);
    const missing = await history.get('/api/history/query?metric=export_totl&format=csv');
    expect([missing.status, missing.headers.get('content-disposition')]).toEqual([404, null]);
  });

  async function encodingOf(path: string, acceptEncoding: string, method = 'GET'): Promise<[string, string, number]> {
    const headers = { Authorization: ADMIN_TOKEN, 'Accept-Encoding': acceptEncoding };
    const request = http.request(server.url + path, { method, headers, agent: false });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const encoding = response.headers['content-encoding'] ?? '';
    const body = Buffer.concat(chunks);
    const { length } = encoding === 'gzip' && method !== 'HEAD' ? gunzipSync(body) : body;
    return [encoding, response.headers.vary ?? '', length];
  }

  it.each([
    ['/api/history/samples?metric=long_total', 'Accept, Accept-Encoding'],
    ['/api/history/samples?metric=long_total&format=excel', 'Accept, Accept-Encoding'],
    ['/api/history/query?metric=long_total&step=1s&from=-10m', 'Accept, Accept-Encoding'],
    ['/api/v1/query_range?query=long_total&start=-10m&end=now&step=1s', 'Accept, Accept-Encoding'],
    ['/metrics', 'Accept, Accept-Encoding'],
  ])('compresses %s if the client accepts that', async (path, vary) => {
    const now = Math.floor(Date.now() / 1_000);
    const target = path.replace('start=-10m&end=now', `start=${now - 600}&end=${now}`);
    const [plain, compressed] = [await encodingOf(target, 'gzip;q=0'), await encodingOf(target, 'gzip')];
    expect([plain.slice(0, 2), compressed.slice(0, 2)]).toEqual([
      ['', vary],
      ['gzip', vary],
    ]);
    expect(Math.min(plain[2], compressed[2])).toBeGreaterThan(4_096);
    expect((await encodingOf(target, 'gzip', 'HEAD')).slice(0, 2)).toEqual(['gzip', vary]);
  });

  it('does not compress up to 4 KiB', async () => {
    expect((await encodingOf('/api/history/series?metric=long_total', 'gzip'))[0]).toBe('');
    expect((await encodingOf('/api/v1/query?query=1', 'gzip'))[0]).toBe('');
  });
});
