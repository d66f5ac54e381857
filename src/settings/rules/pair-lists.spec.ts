import { headerPairs, labelPairs, textsByName } from './pair-lists.js';
import { secretPassword, secretToken, userName } from './secret-text.js';

describe('lists of pairs', () => {
  it('are read from text', () => {
    const labels = labelPairs().read('cluster=eu-1, env = a=b')!;
    expect(textsByName(labels)).toEqual({ cluster: 'eu-1', env: 'a=b' });
    expect(labelPairs().read('none')).toEqual([]);
    expect(textsByName(headerPairs().read('X-Scope-OrgID=team-a,THANOS-TENANT=b')!)).toEqual({
      'X-Scope-OrgID': 'team-a',
      'THANOS-TENANT': 'b',
    });
  });

  it.each([
    'a',
    '=b',
    'a=',
    'a=1,a=2',
    '__name__=x',
    '1a=b',
    'a-b=c',
    'a=b,',
    'a=\u0001',
    'a=\uD800',
    `a=${'x'.repeat(1_025)}`,
  ])('have no other labels: %j', (text) => {
    expect(labelPairs().read(text)).toBeUndefined();
  });

  it.each(['Authorization=x', 'content-type=x', 'Host=a', 'a b=c', 'X-A=\n', 'X-A=ü', 'X-A=1\r\nX-B: 2'])(
    'have no other headers: %j',
    (text) => {
      expect(headerPairs().read(text)).toBeUndefined();
    },
  );

  it('are lists for a host', () => {
    expect(labelPairs().accepts(['job=a', 'env=b'])).toBe(true);
    for (const wrong of [null, {}, 'a=b', [1], ['a'], ['__name__=a'], ['a='], ['a=1', 'a=2'], Array(33).fill('a=1')]) {
      expect(labelPairs().accepts(wrong)).toBe(false);
    }
  });

  it('are masked if they are headers', () => {
    expect([headerPairs().isSecret, headerPairs().mask?.('X-A=hunter2')]).toEqual([true, '***']);
  });
});

describe('secrets', () => {
  it('are texts that a header can contain', () => {
    expect(secretToken().read('glc_eyJ=')).toBe('glc_eyJ=');
    expect(secretPassword().read('a b: ü')).toBe('a b: ü');
    for (const text of ['a b', 'a\n', 'ü']) expect(secretToken().read(text)).toBeUndefined();
    expect(secretPassword().read('a\nb')).toBeUndefined();
    expect(userName().read('a:b')).toBeUndefined();
  });

  it('are masked in messages', () => {
    for (const rule of [secretToken(), secretPassword()])
      expect([rule.isSecret, rule.mask?.('hunter2')]).toEqual([true, '***']);
    expect(userName().isSecret).toBeUndefined();
  });
});
