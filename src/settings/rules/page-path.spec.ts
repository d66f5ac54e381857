import { isPagePath, isRelativeUrl } from './page-path.js';

describe('the path of a page', () => {
  test.each(['explorer', 'a/b/c', 'Look_at-it.1', '~me'])('may be %s', (text) => expect(isPagePath(text)).toBe(true));

  test.each(['', '/', '/a', 'a/', 'a//b', '..', 'a/../b', '.hidden', 'a b', 'a*b', 'a:b', 'a%2fb', 'x'.repeat(101)])(
    'can not be %j',
    (text) => expect(isPagePath(text)).toBe(false),
  );
});

describe('the URL of the API relative to the page', () => {
  test.each(['../', '../../', './', '/', '/metrics/', '../api/v2/'])('may be %s', (text) =>
    expect(isRelativeUrl(text)).toBe(true),
  );

  test.each([
    '',
    '..',
    '//evil.example/',
    'https://evil.example/',
    'javascript:/',
    '../"><script>/',
    '/a?b/',
    '/\\evil/',
  ])('can not be %j', (text) => expect(isRelativeUrl(text)).toBe(false));
});
