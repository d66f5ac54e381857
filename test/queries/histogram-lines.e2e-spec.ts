import { at, BASE, HistoryApi, type Line, MINUTE } from '../support/history-api.js';
import { ADMIN_TOKEN, getJson } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

interface Answer {
  linesTotal: number;
  series: (Line & { others?: number })[];
}

describe('the largest histograms of several', () => {
  const server = serviceUnderTest();
  const history = new HistoryApi(server);

  /** For each route, the observations up to 1 s and all observations. */
  const routes = { a: [1, 20], b: [30, 30], c: [5, 6], d: [0, 2] } as const;
  const range = `metric=lines_seconds_bucket&aggregate=increase&from=${BASE}&to=${BASE + MINUTE}&step=1m&groupBy=le,route`;

  /** Returns the bound, the route, the number of others and the value of each line. The order of new series differs from run to run. */
  const rowsOf = ({ series }: Answer) =>
    series
      .map(({ labels: { le, route }, others, points: [point] }) => [le, route, others, point!.value])
      .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

  beforeAll(async () => {
    const declared = await fetch(`${server.url}/api/admin/metrics/lines_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram', temporality: 'delta' }),
    });
    expect(declared.status).toBe(200);
    await history.pushAll(
      Object.entries(routes).flatMap(([route, [below, all]]) => [
        at(1, 'lines_seconds_bucket', below, { route, le: '1' }),
        at(1, 'lines_seconds_bucket', all, { route, le: '+Inf' }),
      ]),
    );
  });

  it('have all of their buckets, and the others are combined for each bound', async () => {
    const answer = await getJson<Answer>(server, `/api/history/query?${range}&lines=2`);
    expect(answer.linesTotal).toBe(4);
    expect(answer.series.map(({ labels }) => labels.route)).toEqual(['b', 'b', 'a', 'a', undefined, undefined]);
    expect(rowsOf(answer)).toEqual([
      ['+Inf', 'a', undefined, 20],
      ['+Inf', 'b', undefined, 30],
      ['+Inf', undefined, 2, 8],
      ['1', 'a', undefined, 1],
      ['1', 'b', undefined, 30],
      ['1', undefined, 2, 5],
    ]);
  });

  it('have the same rows in a CSV', async () => {
    const csv = await (await history.get(`/api/history/query?${range}&lines=3&format=csv`)).text();
    const rows = csv.trim().split('\r\n');
    expect(rows[0]).toBe('metric,at,value,unfinished,others,le,route');
    expect(
      rows
        .slice(1)
        .map((row) => row.split(',').slice(2).join(','))
        .toSorted(),
    ).toEqual([
      '0,,1,1,',
      '1,,,1,a',
      "2,,1,'+Inf,",
      "20,,,'+Inf,a",
      "30,,,'+Inf,b",
      '30,,,1,b',
      '5,,,1,c',
      "6,,,'+Inf,c",
    ]);
  });

  it('are all of them if there are no more than lines', async () => {
    const answer = await getJson<Answer>(server, `/api/history/query?${range}&lines=4`);
    expect(answer.series).toHaveLength(8);
    expect(answer.series.every(({ others }) => others === undefined)).toBe(true);
  });

  it('are one line together if they are grouped by their bound alone', async () => {
    const answer = await getJson<Answer>(server, `/api/history/query?${range.replace('le,route', 'le')}&lines=1`);
    expect(answer.linesTotal).toBe(1);
    expect(rowsOf(answer)).toEqual([
      ['+Inf', undefined, undefined, 58],
      ['1', undefined, undefined, 36],
    ]);
  });
});
