import { ticksOf } from '../format/unit.js';
import { numberTicks, timeTicks } from './axes.js';

describe('the ticks of a number axis', () => {
  it('never repeat, however close their values are', () => {
    const values = [1000.001, 1000.002, 1000.003];
    expect(new Set(numberTicks(values, null)).size).toBe(3);
    expect(new Set(numberTicks([1e9, 1e9 + 1, 1e9 + 2], null)).size).toBe(3);
  });
});

describe('the distances between the ticks of a number axis', () => {
  it('are powers of two for bytes, so that the ticks are round', () => {
    const apart = ticksOf('bytes')!.find((tick) => tick > 1e8)!;
    expect(numberTicks([0, apart, 2 * apart], 'bytes')).toEqual(['0', '128 MiB', '256 MiB']);
  });

  it('are whole minutes and hours for times, whatever their unit is', () => {
    for (const [unit, second] of [
      ['seconds', 1],
      ['ms', 1e3],
      ['ns', 1e9],
    ] as const) {
      const ticks = ticksOf(unit)!;
      expect(ticks).toEqual(expect.arrayContaining([0.5 * second, 15 * second, 1800 * second, 21_600 * second]));
      expect(ticks).toEqual(ticks.toSorted((one, other) => one - other));
    }
  });

  it('are those of plain numbers for everything else', () => {
    expect(ticksOf('orders')).toBeUndefined();
    expect(ticksOf(null)).toBeUndefined();
  });
});

describe('the ticks of a time axis', () => {
  it('show seconds where they are closer than a minute, also after a chart in which they were not', () => {
    const noon = Date.parse('2026-11-29T12:00:00Z') / 1000;
    const texts = (apart: number) => timeTicks([noon, noon + apart, noon + 2 * apart], apart, 'utc');
    expect(new Set(texts(60)).size).toBe(3);
    expect(new Set(texts(10)).size).toBe(3);
  });

  it('say the day where it begins, and the time elsewhere', () => {
    const midnight = Date.parse('2026-11-29T00:00:00Z') / 1000;
    const ticks = timeTicks([midnight - 21_600, midnight, midnight + 21_600], 21_600, 'utc');
    expect(ticks[0]).toMatch(/^18.00$/);
    expect(ticks[1]).toContain('29');
    expect(ticks[2]).toMatch(/^06.00$/);
  });
});
