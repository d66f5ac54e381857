import { originForm } from './request-entry.js';

describe('a request target', () => {
  test.each([
    ['/metrics?a=http://b', '/metrics?a=http://b'],
    ['http://host/metrics', '/metrics'],
    ['HTTPS://user:word@host:80/a//b?c#d', '/a//b?c#d'],
    ['http://host', '/'],
    ['http://host?a=1', '/?a=1'],
    ['http:///metrics', '/metrics'],
    ['*', '*'],
    ['ftp://host/metrics', 'ftp://host/metrics'],
  ])('%s is %s', (target, expected) => expect(originForm(target)).toBe(expected));
});
