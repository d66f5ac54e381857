import { formatHash, hashOfPage, parseHash, withParams } from './route.js';

describe('the hash of the address', () => {
  it.each([
    ['', 'metrics'],
    ['#', 'metrics'],
    ['#/', 'metrics'],
    ['#/explore?m0=orders_total', 'explore'],
    ['#/health', 'health'],
    ['#/no-such-page?x=1', 'metrics'],
  ])('%s shows the page %s', (hash, page) => {
    expect(parseHash(hash).page).toBe(page);
  });

  it('keeps every character of a label value', () => {
    const value = 'path=/a?b&c=d #1+2 %20 é';
    const params = withParams(new URLSearchParams(), { f0: [value, 'status=200'] });
    expect(parseHash(formatHash('explore', params)).params.getAll('f0')).toEqual([value, 'status=200']);
  });

  it('is short and readable', () => {
    const params = new URLSearchParams({ from: '2026-11-24T12:00:00Z', m0: 'orders_total' });
    expect(formatHash('explore', params)).toBe('#/explore?from=2026-11-24T12:00:00Z&m0=orders_total');
    expect(formatHash('metrics', new URLSearchParams())).toBe('#/');
  });

  it('keeps the range on the way to another page, and nothing else', () => {
    const params = new URLSearchParams('from=-7d&tz=utc&m0=orders_total&search=x');
    expect(hashOfPage('health', params)).toBe('#/health?from=-7d&tz=utc');
    expect(hashOfPage('explore', params, { m0: 'carts_total' })).toBe('#/explore?from=-7d&tz=utc&m0=carts_total');
  });

  it('drops a parameter that is empty, because empty means the default', () => {
    expect(withParams(new URLSearchParams('a=1&b=2&c=3'), { a: '', b: null, c: '4' }).toString()).toBe('c=4');
  });
});
