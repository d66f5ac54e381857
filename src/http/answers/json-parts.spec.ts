import fc from 'fast-check';
import { jsonParts, type LongAnswer } from './json-parts.js';

async function textOf<T>(answer: LongAnswer<T>): Promise<{ text: string; longest: number }> {
  let text = '';
  let longest = 0;
  for await (const part of jsonParts(answer)) {
    text += part;
    longest = Math.max(longest, part.length);
  }
  return { text, longest };
}

describe('jsonParts', () => {
  it('writes the same as JSON.stringify', async () => {
    const properties = fc.option(fc.dictionary(fc.constantFrom('a', 'b"', 'c'), fc.jsonValue()), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(properties, fc.array(fc.jsonValue()), properties, async (head, items, tail) => {
        const { text } = await textOf({
          head,
          listName: 'list',
          items,
          itemJson: (item) => JSON.stringify(item),
          tail,
        });
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ ...head, list: items, ...tail })));
      }),
    );
  });

  it('never holds much more than one part of a long list', async () => {
    const item = 'x'.repeat(1_000);
    const { text, longest } = await textOf({
      listName: 'list',
      items: Array.from({ length: 2_000 }, () => item),
      itemJson: (each) => JSON.stringify(each),
    });
    expect(text.length).toBeGreaterThan(2_000_000);
    expect(longest).toBeLessThan(70_000);
  });
});
