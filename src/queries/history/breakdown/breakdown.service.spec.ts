import { Series } from '../../../catalog/series/series.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import type { MetricType } from '../../../catalog/metric/metric.js';
import {
  FakeSampleReader,
  historyOf,
  metricOf,
  NOW,
  type Pushed,
  readJson,
} from '../../../../test/support/history-fixtures.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import type { BreakdownResponse } from './breakdown.response.js';
import { BreakdownService } from './breakdown.service.js';

const HOUR = 3_600_000;

/** A series to create, with its growth or values in the period before and in the range. */
interface Made {
  readonly labels: Readonly<Record<string, string>>;
  readonly before: readonly number[];
  readonly now: readonly number[];
}

function breakDown(
  type: MetricType,
  made: readonly Made[],
  query: Partial<Parameters<BreakdownService['breakDown']>[0]> = {},
): Promise<BreakdownResponse> {
  const metric = metricOf(type);
  const kind = type === 'gauge' ? null : 'delta';
  const series = made.map(
    ({ labels }, index) =>
      new Series(index + 1, index, metric, labelsToText(labelSetOf(labels)), kind, null, new Date(NOW - 10 * HOUR)),
  );
  const pushed: Pushed[] = made.flatMap(({ before, now }, index) =>
    [before, now].flatMap((values, period) =>
      values.map((value, place) => ({ series: index, at: NOW - (2 - period) * HOUR + 60_000 * (place + 1), value })),
    ),
  );
  const service = new BreakdownService(...historyOf(metric, series, new FakeSampleReader(series, pushed)));
  return readJson(service.breakDown({ metric: 'tested', label: [], from: '-1h', to: 'now', values: 20, ...query }));
}

const LABELS = ['country', 'device', 'plan', 'status'];

/** Returns a data set in which, apart from noise, only one value of one label makes a difference. */
function planted(seed: number): { type: MetricType; label: string; made: Made[] } {
  const random = new SeededRandom(seed);
  const type = (['counter', 'gauge', 'histogram'] as const)[seed % 3]!;
  const label = random.pick(LABELS);
  const valuesOf = Object.fromEntries(LABELS.map((name) => [name, random.integer(2, 6)]));
  const isLarge = random.integer(0, valuesOf[label]! - 1);
  const noise = () => random.integer(90, 110) / 100;
  const made: Made[] = [];
  for (let index = 0; index < 120; index++) {
    const labels = Object.fromEntries(LABELS.map((name) => [name, `v${random.integer(0, valuesOf[name]! - 1)}`]));
    const factor = labels[label] === `v${isLarge}` ? random.integer(3, 4) : 1;
    const several = (level: number) => Array.from({ length: 3 }, () => level * noise());
    if (type === 'counter') made.push({ labels, before: several(100), now: several(100 * factor) });
    if (type === 'gauge') made.push({ labels, before: several(50), now: several(50 * factor) });
    if (type !== 'histogram') continue;
    // For the slow value, half of the observations are in the bucket from 1 to 10. For the other values, only 2 % are.
    const slow = factor > 1 ? 0.5 : 0.02;
    const observed = 1_000 * noise();
    for (const [le, share] of Object.entries({ '0.1': 0.6 * (1 - slow), '1': 1 - slow, '10': 1, '+Inf': 1 })) {
      made.push({ labels: { ...labels, le }, before: [1_000 * share], now: [observed * share] });
    }
  }
  return { type, label, made };
}

describe('BreakdownService', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
    'names the planted label of data set %i first',
    async (seed) => {
      const { type, label, made } = planted(seed);
      const { labels } = await breakDown(type, made);
      expect(labels.map(({ name }) => name).toSorted()).toEqual(LABELS);
      expect(labels[0]!.name).toBe(label);
      expect(labels[0]!.score).toBeGreaterThan(2 * labels[1]!.score!);
    },
  );

  it('scores a counter by moved shares and concentration', async () => {
    const made: Made[] = [
      { labels: { country: 'de' }, before: [30], now: [30, 30] },
      { labels: { country: 'fr' }, before: [10], now: [20] },
      { labels: { country: 'uk', tls: 'on' }, before: [], now: [20] },
      { labels: { country: 'it' }, before: [10], now: [] },
    ];
    const answer = await breakDown('counter', made);
    expect(answer).toMatchObject({
      type: 'counter',
      measure: 'increase',
      labelsTotal: 2,
      total: { now: 100, before: 50 },
    });
    const [country, tls] = answer.labels;
    const entropy = -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.2));
    expect(country!.score).toBeCloseTo(0 + 0.2 + 0.2 + 1 - entropy / Math.log(4), 12);
    expect(country).toMatchObject({ name: 'country', valuesTotal: 4, newTotal: 1, vanishedTotal: 1 });
    expect(country!.values).toEqual([
      { value: 'uk', now: 20, before: 0, seriesCount: 1, state: 'new' },
      { value: 'de', now: 60, before: 30, seriesCount: 1 },
      { value: 'fr', now: 20, before: 10, seriesCount: 1 },
      { value: 'it', now: 0, before: 10, seriesCount: 1, state: 'vanished' },
    ]);
    expect(country!.vanished.map(({ value }) => value)).toEqual(['it']);
    expect(tls!.values.map(({ value, now }) => [value, now])).toEqual([
      ['on', 20],
      ['', 80],
    ]);
  });

  it('scores a gauge by the share of the variance between its values', async () => {
    const made = [
      { labels: { host: 'a' }, before: [1], now: [9, 11] },
      { labels: { host: 'b' }, before: [1], now: [19, 21] },
    ];
    const { labels, measure, total } = await breakDown('gauge', made);
    expect(measure).toBe('avg');
    expect(total).toEqual({ now: 15, before: 1 });
    // The squared distances from 15 are 36 + 16 + 16 + 36, and those of the averages 10 and 20 are 4 times 25.
    expect(labels[0]!.score).toBeCloseTo(100 / 104, 12);
    expect(labels[0]!.values.map(({ value, now, before }) => [value, now, before])).toEqual([
      ['b', 20, 1],
      ['a', 10, 1],
    ]);
  });

  it('gives no score to a label with one value or with more than 100', async () => {
    const made = Array.from({ length: 101 }, (_, index) => ({
      labels: { app: 'shop', half: String(index % 2), user: `u${index}` },
      before: [1],
      now: [index],
    }));
    const { labels } = await breakDown('counter', made, { values: 3 });
    expect(labels.map(({ name, score }) => [name, score === null])).toEqual([
      ['half', false],
      ['app', true],
      ['user', true],
    ]);
    expect(labels[2]).toMatchObject({ valuesTotal: 101 });
    expect(labels[2]!.values.map(({ value }) => value)).toEqual(['u100', 'u99', 'u98']);
  });

  it('compares ten thousand values of a label in a small answer', async () => {
    const made = Array.from({ length: 10_000 }, (_, index) => ({
      labels: { user: `user-${index}`, plan: index % 10 === 0 ? 'free' : 'paid' },
      before: index % 2 === 0 ? [index] : [],
      now: index % 10 === 0 ? [index] : [],
    }));
    const answer = await breakDown('counter', made);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(200_000);
    expect(answer.labels.map(({ name, score }) => [name, score === null])).toEqual([
      ['plan', false],
      ['user', true],
    ]);
    expect(answer.labels[1]).toMatchObject({ valuesTotal: 5_000, newTotal: 0, vanishedTotal: 4_000 });
    expect(answer.labels[1]!.vanished[0]).toMatchObject({ value: 'user-9998', now: 0, before: 9_998 });
  });

  it('compares at most 50 labels, and keeps an answer with very long values small', async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label_${index}`, 'x'.repeat(2_000)]));
    const made = Array.from({ length: 40 }, (_, index) => ({
      labels: { ...many, app: `${index}${'é'.repeat(2_000)}` },
      before: [1],
      now: [1],
    }));
    const answer = await breakDown('counter', made, { values: 100 });
    expect([answer.labelsTotal, answer.labels.length]).toEqual([61, 50]);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(200_000);
  });
});
