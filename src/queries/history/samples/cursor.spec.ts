import fc from 'fast-check';
import { BadDataError } from '../../../http/answers/errors.js';
import { decodeCursor, encodeCursor } from './cursor.js';

const SHAPE = ['number', 'string'] as const;

describe('cursors', () => {
  it('are read back unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer(), fc.string(), (request, number, text) => {
        const cursor = encodeCursor(request, [number, text]);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(request, cursor, SHAPE)).toEqual([number, text]);
      }),
    );
  });

  it('are refused when one character was changed, inserted or removed', () => {
    const cursor = encodeCursor(['samples'], [1_764_000_000_000, 'a']);
    fc.assert(
      fc.property(
        fc.nat(cursor.length - 1),
        fc.constantFrom('A', 'a', '0', '-', '_', '=', '+', ' ', ''),
        fc.nat(1),
        (place, character, taken) => {
          const changed = cursor.slice(0, place) + character + cursor.slice(place + taken);
          if (changed === cursor) return;
          expect(() => decodeCursor(['samples'], changed, SHAPE)).toThrow(BadDataError);
        },
      ),
    );
  });

  it('are refused for another request or another shape', () => {
    const cursor = encodeCursor(['samples', 'a'], [1, 'a']);
    expect(() => decodeCursor(['samples', 'b'], cursor, SHAPE)).toThrow(BadDataError);
    expect(() => decodeCursor(['samples', 'a'], cursor, ['number'] as const)).toThrow(BadDataError);
    expect(() => decodeCursor(['samples', 'a'], cursor, ['string', 'string'] as const)).toThrow(BadDataError);
    expect(() => decodeCursor(['samples', 'a'], '', SHAPE)).toThrow(BadDataError);
  });
});
