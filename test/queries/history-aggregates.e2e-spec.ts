import { at, BASE, FOUR_MINUTES, HistoryApi, MINUTE, valuesOf } from '../support/history-api.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('aggregates of the history', () => {
  const history = new HistoryApi(serviceUnderTest({ HISTORY_MAX_POINTS: '400' }));

  it('answers delta counters with increase, rate and running total', async () => {
    await history.pushAll([
      at(60, 'delta_total', 6, { app: 'a' }),
      at(61, 'delta_total', 12, { app: 'b' }),
      at(119.999, 'delta_total', 0.5, { app: 'a' }),
      at(180, 'delta_total', 1, { app: 'a' }),
    ]);
    expect(await history.ask('delta_total', 'increase')).toEqual([0, 18.5, 0, 1]);
    expect(await history.ask('delta_total', 'sum')).toEqual([0, 18.5, 0, 1]);
    expect(await history.ask('delta_total', 'rate')).toEqual([0, 18.5 / 60, 0, 1 / 60]);
    expect(await history.ask('delta_total', 'count')).toEqual([0, 3, 0, 1]);
    expect(await history.ask('delta_total', 'last')).toEqual([null, 18.5, 18.5, 19.5]);
    expect(await history.ask('delta_total', 'max')).toEqual([null, 12, null, 1]);
    expect(await history.ask('delta_total', 'p50')).toEqual([null, 6, null, 1]);
    const grouped = await history.lines(`metric=delta_total&${FOUR_MINUTES}&aggregate=last&groupBy=app`);
    expect(grouped.map((line) => [line.labels, valuesOf(line)])).toEqual([
      [{ app: 'a' }, [null, 6.5, 6.5, 7.5]],
      [{ app: 'b' }, [null, 12, 12, 12]],
    ]);
    const [filtered] = await history.lines(`metric=delta_total&${FOUR_MINUTES}&label=app=b`);
    expect(valuesOf(filtered)).toEqual([0, 12, 0, 0]);
    // The total includes the samples before the range.
    const [later] = await history.lines(
      `metric=delta_total&from=${BASE + 2 * MINUTE}&to=${BASE + 4 * MINUTE}&step=1m&aggregate=last`,
    );
    expect(valuesOf(later)).toEqual([18.5, 19.5]);
  });

  it('counts across restarts of a cumulative counter', async () => {
    const cumulative = { temporality: 'cumulative' };
    await history.pushAll([
      at(0, 'cumulative_total', 5, {}, cumulative),
      at(30, 'cumulative_total', 8, {}, cumulative),
      at(60, 'cumulative_total', 2, {}, cumulative),
      at(180, 'cumulative_total', 4, {}, cumulative),
    ]);
    expect(await history.ask('cumulative_total', 'increase')).toEqual([8, 2, 0, 2]);
    expect(await history.ask('cumulative_total', 'sum')).toEqual([8, 2, 0, 2]);
    expect(await history.ask('cumulative_total', 'last')).toEqual([8, 2, 2, 4]);
    // The growth of the first sample in the range is relative to the total before the range.
    expect(
      await history.ask('cumulative_total', 'increase', `from=${BASE + 3 * MINUTE}&to=${BASE + 4 * MINUTE}&step=1m`),
    ).toEqual([2]);
  });

  it('answers gauges, carries the last value on, and refuses their rate', async () => {
    await history.pushAll([
      at(0, 'gauge_celsius', 10, { room: 'a' }),
      at(10, 'gauge_celsius', 20, { room: 'a' }),
      at(20, 'gauge_celsius', 3, { room: 'b' }),
      at(130, 'gauge_celsius', -5, { room: 'a' }),
    ]);
    expect(await history.ask('gauge_celsius', 'avg')).toEqual([11, null, -5, null]);
    expect(await history.ask('gauge_celsius', 'sum')).toEqual([33, null, -5, null]);
    expect(await history.ask('gauge_celsius', 'min')).toEqual([3, null, -5, null]);
    expect(await history.ask('gauge_celsius', 'last')).toEqual([23, 23, -2, -2]);
    const refusal = await history.refusalOf(`/api/history/query?metric=gauge_celsius&${FOUR_MINUTES}&aggregate=rate`);
    expect(refusal).toMatchObject({ status: 400, details: [{ path: '/query/aggregate' }] });
    expect(refusal.details[0]!.message).toContain('push it as a counter');
  });

  it('reports the limit of points and a step that fits', async () => {
    const points = await history.refusalOf('/api/history/query?metric=delta_total&from=-1h&step=1s');
    expect(points).toMatchObject({ status: 400, details: [{ path: '/query/step' }] });
    expect(points.details[0]!.message).toMatch(/HISTORY_MAX_POINTS\) is 400\. Use step=\d+s/);
  });
});
