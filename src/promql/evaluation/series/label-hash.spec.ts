import { labelHash, xxHash64 } from './label-hash.js';

describe('xxHash64', () => {
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
  ])('of %j is known', (text, hash) => {
    expect(xxHash64(Buffer.from(text)).toString(16)).toBe(hash);
  });
});

describe('the hash of labels', () => {
  it('does not depend on their order, and covers their lengths and bytes', () => {
    const hash = labelHash(
      new Map([
        ['b', '2'],
        ['a', 'ü'],
      ]),
    );
    expect(hash).toBe(
      labelHash(
        new Map([
          ['a', 'ü'],
          ['b', '2'],
        ]),
      ),
    );
    expect(hash).toBe(xxHash64(Buffer.from('\u0001a\u0002ü\u0001b\u00012')));
  });

  it('uses three bytes for the length of long values', () => {
    const value = 'x'.repeat(300);
    expect(labelHash(new Map([['a', value]]))).toBe(
      xxHash64(Buffer.concat([Buffer.from([1, 97, 255, 44, 1, 0]), Buffer.from(value)])),
    );
  });
});
