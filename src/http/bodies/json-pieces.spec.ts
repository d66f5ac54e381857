import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { toEnd } from '../../../test/support/to-end.js';
import { parseInPieces } from './json-pieces.js';

const parse = (text: string): unknown => toEnd(parseInPieces(Buffer.from(text)));

/** A placeholder for a member that is almost as large as a piece, or larger. */
const LARGE = '\u0000';

/** Texts that are put into JSON in place of {@link LARGE}. */
const largeText = fc
  .tuple(
    fc.integer({ min: 100, max: 40_000 }),
    fc.constantFrom('"x"', '["a",1]', '{"k":{"__proto__":[2]}}', ' ', '"\\"é,]}"'),
  )
  .map(([bytes, unit]) => `[${Array.from({ length: Math.ceil(bytes / unit.length) }, () => unit).join(',')}]`);

const json = fc
  .tuple(
    fc.jsonValue({ depthSize: 'medium', maxDepth: 8 }),
    fc.array(largeText, { minLength: 1, maxLength: 4 }),
    fc.nat(3),
  )
  .map(([value, texts, spaces]) => {
    let next = 0;
    const large = () => texts[next++ % texts.length]!;
    const text = JSON.stringify(
      { a: [value, LARGE, { [`b${spaces}`]: LARGE, c: value }, value], __proto__: null, d: LARGE },
      null,
      spaces,
    );
    return text.replaceAll(JSON.stringify(LARGE), large);
  });

/** Returns an object with the parsed value, or undefined if the text is not JSON. */
function attempt(parser: (text: string) => unknown, text: string): { value: unknown } | undefined {
  try {
    return { value: parser(text) };
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return undefined;
  }
}

describe('parseInPieces', () => {
  it('returns what JSON.parse returns, and refuses what it refuses', () => {
    const damage = fc.option(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('', ',', ']', '}', '[', '{', '"', ':', 'a', '\\', '[[', ',,', '1 2', '"k":'),
        fc.nat(2),
      ),
    );
    fc.assert(
      fc.property(json, damage, (text, damaged) => {
        let given = text;
        if (damaged !== null) {
          const [place, inserted, removed] = damaged;
          const at = place % (text.length + 1);
          given = text.slice(0, at) + inserted + text.slice(at + removed);
        }
        expect(attempt(parse, given)).toEqual(attempt((each) => JSON.parse(each) as unknown, given));
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  const filler = `"${'x'.repeat(40_000)}"`;

  it.each([
    ['a value', filler],
    ['an empty list', `[${' '.repeat(70_000)}]`],
    ['an empty object', `{${' '.repeat(70_000)}}`],
    ['a key that stands twice', `{"a":${filler},"b":1,"a":[${filler},2],"b":{"c":${filler}}}`],
    ['the key __proto__', `{"__proto__":[${filler},1],"a":${filler},"__proto__":${filler}}`],
    ['a key with a colon', `{"a:{,":[${filler},${filler}]}`],
    ['text after the value', `[${filler},${filler}]  `],
    ['nested large values', `${'['.repeat(60)}${filler},${filler}${']'.repeat(60)}`],
    ['empty lists after large ones', `[[${filler},1],[],{},[[${filler},1]],[]]`],
  ])('parses %s', (_name, text) => {
    const value = parse(text);
    expect(value).toEqual(JSON.parse(text));
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    ['a comma before the first member', `[,${filler},1]`],
    ['a comma after the last member', `[${filler},1,]`],
    ['a comma after a large member', `[[${filler},1],]`],
    ['two commas', `[${filler},,${filler}]`],
    ['no comma between large members', `[[${filler},1] [${filler},1]]`],
    ['no comma between large properties', `{"a":[${filler},1] "b":[${filler},1]}`],
    ['no key', `{[${filler},1]}`],
    ['a number as the key', `{1:[${filler},1]}`],
    ['no colon', `{"a"[${filler},1]}`],
    ['two colons', `{"a":"b":[${filler},1]}`],
    ['a key in a list', `["a":[${filler},1]]`],
    ['text before a large member', `[1 [${filler},1]]`],
    ['text after a large member', `[[${filler},1] 1]`],
    ['the wrong bracket', `[${filler},1}`],
    ['the wrong bracket in a large object', `{"a":${filler},"b":1]`],
    ['no bracket at the end', `[${filler},1`],
    ['a bracket too many', `[${filler},1]]`],
    ['two values', `[${filler},1] [${filler},1]`],
    ['two small values', `[] [${filler},1]`],
    ['text after the value', `[${filler},1] x`],
    ['text before the value', `x [${filler},1]`],
    ['a comma outside', `,[${filler},1]`],
    ['a string without an end', `[${filler},"x`],
    ['a string that ends with a backslash', `[${filler},"x\\`],
  ])('refuses %s', (_name, text) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  it('says where the text is wrong', () => {
    const rest = Array.from({ length: 20_000 }, () => '[1]').join(',');
    expect(() => parse(`[${rest},nul,${rest}]`)).toThrow(/nul.*, between the positions \d{4,5} and \d{5}$/);
  });

  it('refuses large values that are nested too deep', () => {
    expect(() => parse('['.repeat(1_000_000))).toThrow('nested more than 64 deep');
    expect(() => parse(`${'{"a":['.repeat(40)}${filler},${filler}`)).toThrow('nested more than 64 deep');
  });

  it('yields often', () => {
    const texts = Array.from({ length: 500_000 }, (_, index) => `"${index}"`).join(',');
    let steps = 0;
    for (const pieces = parseInPieces(Buffer.from(`{"a":[${texts}]}`)); pieces.next().done !== true;) steps++;
    expect(steps).toBeGreaterThan(100);
  });
});
