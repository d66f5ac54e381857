import fc from 'fast-check';
import { sampleText } from './go-number.js';
import { JsonBytes } from './json-bytes.js';

function written(write: (bytes: JsonBytes) => void): string {
  const bytes = new JsonBytes();
  write(bytes);
  return new TextDecoder().decode(bytes.take());
}

describe('JsonBytes', () => {
  it.each([
    0, -0, 1, -1, 9, 10, 99, 100, -2_147_483_648, 2_147_483_647, 2_147_483_648, 1e15, 1e21, 0.001, -0.001, 0.01,
  ])('writes %d', (value) => {
    expect(written((bytes) => bytes.sample(value))).toBe(sampleText(value));
  });

  it('writes every double as the shortest text', () => {
    const decimal = fc.tuple(fc.integer(), fc.constantFrom(1, 10, 100, 1_000, 10_000, 1e7)).map(([of, by]) => of / by);
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.float(), fc.integer(), decimal), (value) => {
        expect(written((bytes) => bytes.sample(value))).toBe(sampleText(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('grows with its content, and begins anew when this is taken', () => {
    const bytes = new JsonBytes();
    const text = 'é"😀'.repeat(5_000);
    bytes.text(text);
    bytes.sample(12.5);
    expect(new TextDecoder().decode(bytes.take())).toBe(`${text}12.5`);
    bytes.copy(new TextEncoder().encode('abcdef'), 2, 5);
    expect(new TextDecoder().decode(bytes.take())).toBe('cde');
    expect(bytes.take()).toHaveLength(0);
  });

  it('is not disturbed by others that are written meanwhile or afterwards', () => {
    const first = new JsonBytes();
    first.text('first');
    const part = first.take();
    first.close();
    const second = new JsonBytes();
    second.text('second');
    const third = new JsonBytes();
    third.text('third');
    expect([second, third].map((bytes) => new TextDecoder().decode(bytes.take()))).toEqual(['second', 'third']);
    expect(new TextDecoder().decode(part)).toBe('first');
  });
});
