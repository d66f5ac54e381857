import { BadDataError } from '../../../http/answers/errors.js';
import { wordSearch } from './word-search.js';

describe('wordSearch', () => {
  it('finds texts that contain all words, in any order and in any of the texts', () => {
    const matches = wordSearch('  Paid order ');
    expect(matches('orders_total', 'Orders that were PAID')).toBe(true);
    expect(matches('paid_orders_total', null)).toBe(true);
    expect(matches('orders_total', null)).toBe(false);
    expect(matches('payments_total', 'Orders')).toBe(false);
  });

  it('finds everything without words', () => {
    expect(wordSearch(undefined)('a', null)).toBe(true);
    expect(wordSearch('  ')('a', null)).toBe(true);
  });

  it('refuses more than ten words', () => {
    expect(() => wordSearch('a '.repeat(10))).not.toThrow();
    expect(() => wordSearch('a '.repeat(11))).toThrow(BadDataError);
  });
});
