import { DatabaseClock } from './database-clock.js';

describe('DatabaseClock', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => jest.useRealTimers());

  test('follows a database that is ahead or behind', () => {
    const clock = new DatabaseClock();
    clock.observe(1_060_000, performance.now());
    expect(clock.now()).toBe(1_060_000);
    clock.observe(940_000, performance.now());
    expect(clock.now()).toBe(940_000);
    expect(clock.aheadMs).toBe(-60_000);
  });

  test('is not moved by a slow statement', () => {
    const clock = new DatabaseClock();
    const startedAt = performance.now();
    jest.advanceTimersByTime(5_000);
    // The reading may have been taken at any moment of the five seconds, so the current estimate may well be right.
    clock.observe(1_000_100, startedAt);
    expect(clock.now()).toBe(1_005_000);
    expect(clock.steps).toBe(0);
  });

  test("does not follow changes of this machine's clock", () => {
    const clock = new DatabaseClock();
    clock.observe(1_000_000, performance.now());
    jest.setSystemTime(4_600_000);
    expect(clock.now()).toBe(1_000_000);
    jest.advanceTimersByTime(10);
    expect(clock.now()).toBe(1_000_010);
  });

  test('lets tokens expire by this machine while the database is set to a time that is wrong', () => {
    const clock = new DatabaseClock();
    clock.observe(1_000_500, performance.now());
    expect(clock.nowForExpiry()).toBe(1_000_500);
    clock.observe(3_000_000, performance.now());
    expect(clock.nowForExpiry()).toBe(1_000_000);
    clock.observe(4_600_000, performance.now());
    jest.advanceTimersByTime(5_000);
    expect(clock.nowForExpiry()).toBe(1_005_000);
    clock.observe(1_005_200, performance.now());
    expect(clock.nowForExpiry()).toBe(1_005_200);
  });

  test('lets tokens expire by the database if this machine was wrong from the start', () => {
    const clock = new DatabaseClock();
    clock.observe(4_600_000, performance.now());
    expect(clock.nowForExpiry()).toBe(4_600_000);
    clock.observe(8_200_000, performance.now());
    expect(clock.nowForExpiry()).toBe(8_200_000);
    // Later, somebody corrects the clock of this machine, and then the database.
    jest.setSystemTime(1_100_000);
    clock.observe(1_100_000, performance.now());
    expect(clock.nowForExpiry()).toBe(1_100_000);
  });

  test('lets tokens expire by the database if both clocks are set together, as on one machine', () => {
    const clock = new DatabaseClock();
    clock.observe(1_000_000, performance.now());
    jest.setSystemTime(4_600_000);
    clock.observe(4_600_000, performance.now());
    expect(clock.nowForExpiry()).toBe(4_600_000);
  });

  test('distinguishes a step from a correction; the first reading is neither', () => {
    const clock = new DatabaseClock();
    clock.observe(9_000_000, performance.now());
    clock.observe(9_000_900, performance.now());
    expect(clock.steps).toBe(0);
    clock.observe(12_600_000, performance.now());
    clock.observe(9_000_000, performance.now());
    expect(clock.steps).toBe(2);
  });
});
