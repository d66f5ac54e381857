import { localUrl } from './local-url.js';

describe('the URL for clients on the same machine', () => {
  test.each([
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://127.0.0.1:3000'],
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['::1', 'http://[::1]:3000'],
    ['metrics.internal', 'http://metrics.internal:3000'],
  ])('of a server on %s is %s', (host, url) => expect(localUrl(host, 3000)).toBe(url));
});
