import type { Partition } from '../chunk/chunk-partitions.js';
import { RetentionPace } from './retention-pace.js';

const DAY_MS = 24 * 3600 * 1000;
const T0 = Date.UTC(2026, 0, 1);

function days(count: number, lengthDays = 1): Partition[] {
  return Array.from({ length: count }, (_, index) => {
    const from = T0 + index * lengthDays * DAY_MS;
    return { name: `day_${index}`, from, to: from + lengthDays * DAY_MS };
  });
}

describe('RetentionPace', () => {
  const warnings: string[] = [];
  const logger = { warn: (text: string) => warnings.push(text), log: () => undefined };
  let heldBack = 0;
  const pace = (confirmedBefore = 0) => new RetentionPace(confirmedBefore, logger, (count) => (heldBack = count));

  beforeEach(() => warnings.splice(0));

  test('drops a single expired day at once', () => {
    expect(pace().choose(days(1), 0)).toHaveLength(1);
    expect(pace().choose(days(1, 37), 0)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('drops none of 91 days that expire together, and warns once', () => {
    const careful = pace();
    for (let minute = 0; minute < 60; minute++) expect(careful.choose(days(91), minute * 60_000)).toEqual([]);
    expect(heldBack).toBe(91);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('RETENTION_CONFIRMED_BEFORE=2026-04-02T00:00:00.000Z');
  });

  test('catches up by two days of data a day', () => {
    const careful = pace();
    careful.choose(days(5), 0);
    expect(careful.choose(days(5), DAY_MS).map(({ name }) => name)).toEqual(['day_0', 'day_1']);
    expect(careful.choose(days(5).slice(2), DAY_MS + 60_000)).toEqual([]);
    expect(careful.choose(days(5).slice(2), 2 * DAY_MS)).toHaveLength(2);
    expect(careful.choose(days(5).slice(4), 2 * DAY_MS + 60_000)).toHaveLength(1);
    expect(heldBack).toBe(0);
  });

  test('drops confirmed partitions at once', () => {
    expect(pace(T0 + 90 * DAY_MS).choose(days(91), 0)).toHaveLength(91);
    expect(pace(T0 + 80 * DAY_MS).choose(days(91), 0)).toHaveLength(80);
  });
});
