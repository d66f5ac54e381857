import { DatabaseClock } from './database-clock.js';

describe('DatabaseClock', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => jest.useRealTimers());

  test('follows a database that is ahead or behind', () => {
    const clock = new DatabaseClock();
    clock.observe(1_060_000, 1_000_000);
    expect(clock.now()).toBe(1_060_000);
    clock.observe(940_000, 1_000_000);
    expect(clock.now()).toBe(940_000);
  });

  test('is not moved by a statement that took long', () => {
    const clock = new DatabaseClock();
    jest.setSystemTime(1_005_000);
    // Read at some moment of the five seconds: what the clock says already may well be right.
    clock.observe(1_000_100, 1_000_000);
    expect(clock.now()).toBe(1_005_000);
  });
});
