import type { SeededRandom } from './seeded-random.js';

/** Inputs that have caused problems in parsers. */
const NASTY: readonly Buffer[] = [
  '\0',
  '"\\ud800"',
  '\\u0000',
  '1e999',
  '-0',
  '9007199254740993',
  'null',
  '{}',
  '[]',
  '"__proto__":{"a":1},',
  '"constructor":1,',
  '"name":"x",',
  'NaN',
  '+Inf',
  '{le="',
  '\n#',
  ' # TYPE fuzz_page gauge\n',
  '[['.repeat(5_000),
  '{"a":'.repeat(5_000),
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.alloc(9, 0x0a)]);

/** Returns a copy of a body with one to four random changes. */
export function mutate(body: Buffer, random: SeededRandom): Buffer {
  let mutated = body;
  for (let times = random.integer(0, 3); times >= 0; times--) {
    const at = random.integer(0, mutated.length);
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    switch (random.integer(0, 3)) {
      case 0:
        mutated = Buffer.concat([before, random.pick(NASTY), after]);
        break;
      case 1:
        mutated = Buffer.concat([before, after.subarray(random.integer(0, 7))]);
        break;
      case 2:
        mutated = Buffer.concat([
          before,
          mutated.subarray(random.integer(0, mutated.length), at + random.integer(0, 49)),
          after,
        ]);
        break;
      default:
        mutated = Buffer.concat([before, Buffer.from([random.integer(0, 255)]), after.subarray(1)]);
    }
  }
  return mutated;
}
