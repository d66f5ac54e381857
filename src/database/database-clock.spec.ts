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
