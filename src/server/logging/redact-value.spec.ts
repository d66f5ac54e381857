import { redactValue } from './redact-value.js';

const TOKEN = 'cmk_0123456789abcdefghij';

describe('redactValue', () => {
  it.each([
    'authorization',
    'Authorization',
    'set-cookie',
    'password',
    'PGPASSWORD',
    'apiToken',
    'api_tokens',
    'x-api-key',
    'clientSecret',
  ])('masks the value of %s', (name) => {
    expect(redactValue({ [name]: 'hunter2' })).toEqual({ [name]: '***' });
    expect(redactValue({ headers: [{ [name]: ['hunter2'] }] })).toEqual({ headers: [{ [name]: '***' }] });
  });

  it.each(['tokenId', 'token_name', 'hasToken', 'idempotency-key', 'key'])('shows the value of %s', (name) => {
    const value = name === 'hasToken' ? true : 'value';
    expect(redactValue({ [name]: value })).toEqual({ [name]: value });
  });

  it('shows that a secret is missing', () => {
    expect(redactValue({ password: undefined, token: null })).toEqual({ password: undefined, token: null });
  });

  it('masks tokens wherever they are', () => {
    expect(redactValue({ list: [TOKEN], [TOKEN]: 1, set: new Set([TOKEN]), map: new Map([['a', TOKEN]]) })).toEqual({
      list: ['cmk_***'],
      'cmk_***': 1,
      set: ['cmk_***'],
      map: { a: 'cmk_***' },
    });
  });

  it('shows nothing of an object that is a key of a Map', () => {
    expect(redactValue(new Map([[{ password: 'hunter2' }, 1]]))).toEqual({ '[Object]': 1 });
  });

  it('masks the results of toJSON and inspectors', () => {
    class Holder {
      #token = TOKEN;
      toJSON(): object {
        return { held: this.#token };
      }
    }
    expect(redactValue(new Holder())).toEqual({ held: 'cmk_***' });
    expect(redactValue(new URL('postgres://u:hunter2@db/m'))).toBe('postgres://u:***@db/m');
    expect(redactValue(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(redactValue(Buffer.from(TOKEN))).toBe('[Buffer of 24 bytes]');
  });

  it('keeps errors as errors with their stacks, causes and properties', () => {
    const error = Object.assign(new TypeError(`bad ${TOKEN}`, { cause: new Error(TOKEN) }), { code: 'E1', token: 'x' });
    const copy = redactValue(error) as TypeError & Record<string, unknown>;
    expect(copy).toBeInstanceOf(Error);
    expect(copy).toMatchObject({ name: 'TypeError', message: 'bad cmk_***', code: 'E1', token: '***' });
    expect(copy.stack).toMatch(/^TypeError: bad cmk_\*\*\*\n +at /);
    expect((copy.cause as Error).message).toBe('cmk_***');
    expect(Object.keys(copy)).toEqual(['code', 'token']);
    expect(error.message).toBe(`bad ${TOKEN}`);
  });

  it('masks every error of an AggregateError', () => {
    const copy = redactValue(new AggregateError([new Error(TOKEN)], 'all failed')) as AggregateError;
    expect((copy.errors as Error[]).map(({ message }) => message)).toEqual(['cmk_***']);
  });

  it('survives circles, traps, depth and size', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(redactValue(circle)).toEqual({ self: '[Circular]' });

    const trap = {
      get value(): never {
        throw new Error('no');
      },
    };
    expect(redactValue({ trap, other: 1 })).toEqual({ trap: '[Unreadable]', other: 1 });

    let deep: unknown = TOKEN;
    for (let level = 0; level < 100; level++) deep = [deep];
    expect(JSON.stringify(redactValue(deep))).toBe('[[[[[["[Truncated]"]]]]]]');

    const wide = Array.from({ length: 1000 }, (_, index) => index);
    expect(redactValue(wide)).toHaveLength(101);
    expect((redactValue(wide) as unknown[]).at(-1)).toBe('[900 more]');
    expect(Object.keys(redactValue(Object.fromEntries(wide.entries())) as object)).toHaveLength(101);

    let bush: unknown = 1;
    for (let level = 0; level < 5; level++) bush = Array.from({ length: 100 }, () => bush);
    expect(JSON.stringify(redactValue(bush)).length).toBeLessThan(2_000_000);
  });

  it('prints an object twice if it occurs twice', () => {
    const shared = { a: 1 };
    expect(redactValue([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it.each([1, 1n, true, null, undefined])('leaves %p as it is', (value) => expect(redactValue(value)).toBe(value));
});
