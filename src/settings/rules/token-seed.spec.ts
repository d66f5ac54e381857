import fc from 'fast-check';
import { maskTokenSeeds, parseTokenSeeds } from './token-seed.js';

describe('parseTokenSeeds', () => {
  it('reads every token of the list', () => {
    expect(parseTokenSeeds('default:development.abc, []:production.d.e', 'backend')).toEqual([
      { secret: 'default:development.abc', kind: 'backend' },
      { secret: '[]:production.d.e', kind: 'backend' },
    ]);
  });

  it('reads an admin token', () => {
    expect(parseTokenSeeds('*:*.abc', 'admin')).toEqual([{ secret: '*:*.abc', kind: 'admin' }]);
  });

  it.each(['abc', 'default.abc', ':development.abc', 'default:.abc', 'default:development', 'default:development.'])(
    'refuses the malformed %j',
    (text) => expect(parseTokenSeeds(text, 'backend')).toBeUndefined(),
  );

  it('refuses an empty item of the list', () => {
    expect(parseTokenSeeds('default:development.abc,', 'backend')).toBeUndefined();
  });

  it.each(['backend', 'frontend'] as const)('refuses a %s token of every environment', (kind) => {
    expect(parseTokenSeeds('default:*.abc', kind)).toBeUndefined();
  });

  it.each(['default:*.abc', '*:development.abc'])('refuses %j as an admin token', (text) =>
    expect(parseTokenSeeds(text, 'admin')).toBeUndefined(),
  );
});

describe('maskTokenSeeds', () => {
  it('shows the project and the environment of each token', () => {
    expect(maskTokenSeeds('*:*.abc, default:development.def')).toBe('*:*.***, default:development.***');
  });

  it('shows nothing of a malformed token, which may be all secret', () => {
    expect(maskTokenSeeds('0123456789abcdef,*:*.abc')).toBe('***, *:*.***');
  });

  it('never shows a secret', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-f]{8,64}$/),
        fc.constantFrom('', ':', 'a:b.', '*:*.', '.'),
        (secret, start) => expect(maskTokenSeeds(`a:b.c,${start}${secret}`)).not.toContain(secret),
      ),
    );
  });
});
