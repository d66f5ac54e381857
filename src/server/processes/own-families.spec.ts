import type { OwnFamily } from '../../catalog/metric/own-metrics.js';
import { familiesFromJson, familiesToJson, joinFamilies } from './own-families.js';

const family = (name: string, ...values: number[]): OwnFamily => ({
  name,
  type: 'gauge',
  help: 'Help',
  samples: values.map((value, index) => ({ name, labels: { index: String(index) }, value })),
});

it('joins the families of several processes, which a label tells apart', () => {
  const joined = joinFamilies([
    { number: 2, families: [family('a', 1), family('b', 2)] },
    { number: 1, families: [family('a', 3)] },
  ]);
  expect(joined.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(joined[0]!.samples).toEqual([
    { name: 'a', labels: { index: '0', process: '2' }, value: 1 },
    { name: 'a', labels: { index: '0', process: '1' }, value: 3 },
  ]);
});

it('sends every value to another process', () => {
  const families = [family('a', 0.1, Infinity, -Infinity, NaN, 1e300)];
  expect(familiesFromJson(familiesToJson(families))).toEqual(families);
});
