import { metricOf, seriesOf } from '../../../../test/support/history-fixtures.js';
import { SelectorMemo } from './selector-memo.js';

const KEY = 'app="0"';

function remembered(maxBytes = 10_000) {
  const metric = metricOf('gauge');
  const [first, second] = seriesOf(metric, ['gauge', 'gauge']);
  const memo = new SelectorMemo(maxBytes);
  memo.remember(KEY, metric, metric.seriesChanges, [first!]);
  return { memo, metric, first: first!, second: second! };
}

it('returns what was found', () => {
  const { memo, metric, first } = remembered();
  expect(memo.find(KEY, metric)).toEqual([first]);
  expect(memo.find('app="1"', metric)).toBeUndefined();
});

it('also remembers that nothing was found', () => {
  const { memo, metric } = remembered();
  memo.remember('app="7"', metric, metric.seriesChanges, []);
  expect(memo.find('app="7"', metric)).toEqual([]);
});

it.each(['added', 'removed'])('forgets what was found once a series is %s', (way) => {
  const { memo, metric, second } = remembered();
  if (way === 'added') metric.addSeries(second);
  else metric.removeSeries(second);
  expect(memo.find(KEY, metric)).toBeUndefined();
  expect(memo.bytes).toBe(0);
});

it('forgets what was found in a metric that another one has replaced', () => {
  const { memo } = remembered();
  const other = metricOf('gauge');
  seriesOf(other, ['gauge', 'gauge']);
  expect(memo.find(KEY, other)).toBeUndefined();
});

it('does not remember what was found while series were added', () => {
  const { memo, metric, first, second } = remembered();
  const { seriesChanges } = metric;
  metric.addSeries(second);
  memo.remember('app="1"', metric, seriesChanges, [first]);
  expect(memo.find('app="1"', metric)).toBeUndefined();
});

it('does not remember what was found while the metric got another name', () => {
  const { memo, metric } = remembered();
  const { seriesChanges } = metric;
  const former = metric.name;
  metric.rename('other', 100);
  memo.remember('app="1"', metric, seriesChanges, []);
  metric.rename(former, 101);
  expect(memo.find('app="1"', metric)).toBeUndefined();
});

it('stays within its limit, and forgets first what was used longest ago', () => {
  const { memo, metric, first } = remembered(2_000);
  for (let number = 0; number < 100; number++) {
    memo.remember(`number ${number}`, metric, metric.seriesChanges, [first]);
    expect(memo.find(KEY, metric)).toEqual([first]);
    expect(memo.bytes).toBeLessThanOrEqual(2_000);
  }
  expect(memo.find('number 99', metric)).toEqual([first]);
  expect(memo.find('number 1', metric)).toBeUndefined();
});

it('does not keep a metric of a former database in memory', () => {
  const { memo, metric } = remembered();
  metric.isRemoved = true;
  const other = metricOf('gauge');
  const empty = new SelectorMemo(10_000);
  for (const each of [memo, empty]) each.remember('app="7"', other, other.seriesChanges, []);
  expect(memo.bytes).toBe(empty.bytes);
});

it('does not forget everything for one entry that is too large', () => {
  const { memo, metric, first } = remembered(2_000);
  memo.remember('x'.repeat(3_000), metric, metric.seriesChanges, [first]);
  expect(memo.find(KEY, metric)).toEqual([first]);
});

it('counts an entry that is remembered twice once', () => {
  const { memo, metric, first } = remembered();
  const { bytes } = memo;
  memo.remember(KEY, metric, metric.seriesChanges, [first]);
  expect(memo.bytes).toBe(bytes);
});
