import { Metric } from '../../../catalog/series/series.js';
import { Series } from '../../../catalog/series/series.js';
import { packNames, unpackNames } from './packed-names.js';

it('packs what a worker has to know of series', () => {
  const created = new Date(0);
  const counter = new Metric(1, 'hits_total', 'counter', created, 'delta', null, null);
  const gauge = new Metric(2, 'queue', 'gauge', created, null, null, null);
  const series = [
    new Series(70, 0, counter, 'a="1"', 'delta', null, created),
    new Series(71, 1, gauge, '', null, null, created),
    new Series(72, 2, gauge, 'a="2"', 'delta', null, created),
    new Series(73, 3, counter, 'a="3"', 'cumulative', null, created, true),
  ];
  const stale = new Set([70, 71]);
  const unpacked = unpackNames(structuredClone(packNames(series, ({ id }) => stale.has(id))));
  expect(unpacked).toEqual(
    series.map((each) => ({
      id: each.id,
      name: each.metric.name,
      labelsText: each.labelsText,
      kind: each.kind,
      canOnlyRise: each.canOnlyRise,
      isGauge: each.metric.type === 'gauge',
      isScraped: each.isScraped,
      // Only totals need this flag, because a total does not show that its last sample was a marker.
      isStaleBefore: each.id === 70,
    })),
  );
});
