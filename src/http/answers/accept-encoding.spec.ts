import { acceptsGzip } from './accept-encoding.js';

describe('Accept-Encoding', () => {
  test.each([
    'gzip',
    'GZIP',
    'x-gzip',
    'gzip, deflate, br, zstd',
    'br;q=1.0, gzip;q=0.8',
    '*',
    'identity;q=0, *;q=0.1',
  ])('allows gzip: %s', (header) => expect(acceptsGzip(header)).toBe(true));

  test.each([undefined, '', 'br', 'gzip;q=0', 'gzip; q=0.000', '*;q=0', 'gzip;q=0, *', '*, gzip;q=0.0', 'gzipped'])(
    'does not allow gzip: %s',
    (header) => expect(acceptsGzip(header)).toBe(false),
  );

  it('reads no header of any length', () => expect(acceptsGzip(`${'a,'.repeat(600)}gzip`)).toBe(false));
});
