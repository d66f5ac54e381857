import { answerQuery, atMinute, minuteSeries } from '../../../../test/support/promql-query.js';

describe('rate and related functions', () => {
  it('extrapolate to the edges of the window where samples are near them', () => {
    // The samples are at 0 to 4 min, and the window is (0, 4]. The samples in it cover 3 min, and the start of the window is 1
    // min before them.
    expect(atMinute(4, 'increase(x_total[4m])', { x_total: [0, 6, 12, 18, 24] })).toEqual({ '{}': 24 });
    expect(atMinute(4, 'rate(x_total[4m])', { x_total: [0, 6, 12, 18, 24] })).toEqual({
      '{}': expect.closeTo(0.1, 12),
    });
  });

  it('extrapolate by only half an interval where samples end further away', () => {
    expect(atMinute(9, 'delta(x[9m])', { x: [null, null, null, 100, 110, 120] })).toEqual({ '{}': 30 });
  });

  it('treat a gap of up to 1.1 intervals as near', () => {
    const gauge = { x: [null, 10, 20, 30, 40] };
    // The samples cover 1 to 4 min. The window begins 65 s, or 75 s, before the first sample.
    expect(atMinute(4, 'delta(x[4m5s])', gauge)).toEqual({ '{}': expect.closeTo((30 * 245) / 180, 9) });
    expect(atMinute(4, 'delta(x[4m15s])', gauge)).toEqual({ '{}': expect.closeTo((30 * 210) / 180, 9) });
  });

  it('do not go below zero', () => {
    // The value is 1 at the first sample and rises by 3 a minute, so it is zero 20 s before that sample. Without this limit, it
    // would be extrapolated by half an interval, which is 30 s.
    expect(atMinute(4, 'increase(x_total[4m])', { x_total: [null, null, 1, 4, 7] })).toEqual({
      '{}': expect.closeTo(7, 9),
    });
  });

  it('add the value before each reset', () => {
    expect(atMinute(4, 'increase(x_total[4m])', { x_total: [0, 6, 12, 0, 6] })).toEqual({ '{}': 16 });
    expect(atMinute(4, 'delta(x_total[4m])', { x_total: [0, 6, 12, 0, 6] })).toEqual({ '{}': 0 });
  });

  it('need two samples', () => {
    expect(atMinute(1, 'rate(x_total[1m])', { x_total: [1, 2] })).toEqual({});
  });

  it('use only the last two samples in irate and idelta', () => {
    expect(atMinute(3, 'irate(x_total[5m])', { x_total: [0, 100, 160, 220] })).toEqual({ '{}': 1 });
    expect(atMinute(3, 'irate(x_total[5m])', { x_total: [0, 100, 160, 30] })).toEqual({ '{}': 0.5 });
    expect(atMinute(3, 'idelta(x_total[5m])', { x_total: [0, 100, 160, 30] })).toEqual({ '{}': -130 });
  });

  it('drop stale markers', () => {
    expect(atMinute(4, 'increase(x_total[4m])', { x_total: [0, 6, 'stale', 18, 24] })).toEqual({ '{}': 24 });
  });

  it('report when a metric is not named like a counter', () => {
    const infos = (query: string) =>
      answerQuery(query, minuteSeries({ temperature: [1, 2, 3], x_total: [1, 2, 3] }), { startMs: 120_000 }).infos;
    expect(infos('rate(temperature[5m])')).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (1:6)',
    ]);
    expect(infos('rate(x_total[5m])')).toEqual([]);
    expect(infos('delta(temperature[5m])')).toEqual([]);
  });
});
