import fc from 'fast-check';
import { UnreadableBodyError } from '../answers/errors.js';
import { assertLightJson } from './json-weight.js';

const PADDING = ' '.repeat(256 * 1_024);

/** Returns the JSON of a value, with padding that makes it long enough to be checked. */
const bodyOf = (value: unknown) => Buffer.from(JSON.stringify(value) + PADDING);

describe('assertLightJson', () => {
  test('accepts a full batch', () => {
    const metrics = Array.from({ length: 10_000 }, (_, index) => ({
      name: `metric_${index % 50}`,
      value: index,
      labels: { method: 'GET', route: `/api/${index}`, quoted: 'a "b": {[' },
    }));
    expect(() => assertLightJson(bodyOf({ metrics }))).not.toThrow();
  });

  test.each([
    ['objects', Array.from({ length: 200_000 }, () => ({}))],
    ['lists', Array.from({ length: 200_000 }, () => [])],
    ['keys in one object', Object.fromEntries(Array.from({ length: 20_100 }, (_, index) => [`k${index}`, 1]))],
    ['keys in many objects', Array.from({ length: 20_100 }, (_, index) => ({ [`k${index}`]: 1 }))],
    ['keys with escapes', Array.from({ length: 20_100 }, (_, index) => ({ [`"\\${index}`]: 1 }))],
  ])('refuses too many %s with 413', (_case, value) => {
    expect(() => assertLightJson(bodyOf(value))).toThrow(UnreadableBodyError);
    expect(() => assertLightJson(bodyOf(value))).toThrow(/more than .* send it in several requests/);
  });

  test('counts objects and keys however they are written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const body = Buffer.from(JSON.stringify(value, null, indent) + PADDING);
        const { objects, keys } = count(value);
        expect(() => assertLightJson(body, { objects, differentKeys: keys.size })).not.toThrow();
        if (objects > 0) {
          expect(() => assertLightJson(body, { objects: objects - 1, differentKeys: Infinity })).toThrow('objects');
        }
        if (keys.size > 0) {
          expect(() => assertLightJson(body, { objects: Infinity, differentKeys: keys.size - 1 })).toThrow('keys');
        }
      }),
    );
  });

  test('counts a key once, however often it occurs', () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => [`key_${index}`, index]);
    const body = bodyOf(Array.from({ length: 100 }, () => Object.fromEntries(keys)));
    expect(() => assertLightJson(body, { objects: 101, differentKeys: 1_000 })).not.toThrow();
  });

  test('terminates for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(() => assertLightJson(Buffer.concat([Buffer.from(PADDING), bytes]))).not.toThrow();
      }),
    );
  });
});

function count(value: unknown, keys = new Set<string>()): { objects: number; keys: Set<string> } {
  if (typeof value !== 'object' || value === null) return { objects: 0, keys };
  for (const key of Object.keys(value)) if (!Array.isArray(value)) keys.add(JSON.stringify(key));
  return { objects: 1 + Object.values(value).reduce((sum: number, each) => sum + count(each, keys).objects, 0), keys };
}
