import type { Series } from '../../catalog/series/series.js';
import { type ItemPlace, ItemTable } from './item-table.js';

const SENDER = 'one';

/** Builds an item whose number is the last character of the text. */
function itemOf(text: string): { body: DataView; place: ItemPlace } {
  const bytes = new TextEncoder().encode(text);
  const place = { start: 0, valueStart: bytes.length - 1, valueEnd: bytes.length, end: bytes.length };
  return { body: new DataView(bytes.buffer), place };
}

const seriesOf = (name: string) => ({ name }) as unknown as Series;

describe('ItemTable', () => {
  test('finds added items among others with the same hash, also after it has grown', () => {
    const table = new ItemTable(5_000, 1_000_000);
    const names = Array.from({ length: 5_000 }, (_, index) => `item ${index} 1`);
    // Every group of ten items shares one hash.
    for (const [index, name] of names.entries()) {
      const { body, place } = itemOf(name);
      expect(table.add(body, place, Math.floor(index / 10) * 0x9e37, SENDER, seriesOf(name))).toBe(true);
    }
    for (const [index, name] of names.entries()) {
      const { body, place } = itemOf(name);
      const hash = Math.floor(index / 10) * 0x9e37;
      expect(table.find(body, place, hash, SENDER)).toEqual(seriesOf(name));
      expect(table.find(body, place, hash, 'two')).toBeUndefined();
      expect(table.find(body, place, hash + 1, SENDER)).toBeUndefined();
    }
    const { body, place } = itemOf('another 1');
    expect(table.find(body, place, 0, SENDER)).toBeUndefined();
  });

  test('does not confuse two items that differ in a single byte, wherever that byte is', () => {
    const text = '{"name":"a_b","value":1';
    const known = itemOf(text);
    const table = new ItemTable(10, 1_000);
    table.add(known.body, known.place, 7, SENDER, seriesOf('a'));
    for (let at = 0; at < text.length - 1; at++) {
      const { body, place } = itemOf(`${text.slice(0, at)}~${text.slice(at + 1)}`);
      expect(table.find(body, place, 7, SENDER)).toBeUndefined();
    }
    expect(table.find(known.body, known.place, 7, SENDER)).toBeDefined();
  });

  test.each([
    ['items', new ItemTable(3, 1_000)],
    ['bytes', new ItemTable(100, 3 * 'item 0 '.length)],
  ])('accepts no more %s than its limit', (_bound, table) => {
    const taken = Array.from({ length: 5 }, (_, index) => {
      const { body, place } = itemOf(`item ${index} 1`);
      return table.add(body, place, index, SENDER, seriesOf(String(index)));
    });
    expect(taken).toEqual([true, true, true, false, false]);
  });

  test('stops searching if very many items share a hash', () => {
    const table = new ItemTable(1_000, 100_000);
    const items = Array.from({ length: 1_000 }, (_, index) => itemOf(`item ${index} 1`));
    for (const { body, place } of items) table.add(body, place, 5, SENDER, seriesOf('a'));
    const found = items.filter(({ body, place }) => table.find(body, place, 5, SENDER) !== undefined);
    expect(found.length).toBeLessThan(100);
  });
});
