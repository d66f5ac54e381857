import { validateSync } from 'class-validator';
import { declaredSettings, IsAtLeast, RefusedText, Setting } from './setting.decorator.js';
import { oneOf, wholeNumber } from './setting-rules.js';

class Example {
  @Setting({ group: 'http', default: '1', rule: wholeNumber(0, 9), description: 'First.' })
  readonly FIRST: number;

  @Setting({ group: 'http', default: '2', rule: wholeNumber(0, 9), description: 'Second.' })
  @IsAtLeast('FIRST', 'it is too small')
  readonly SECOND: number;

  @Setting({ group: 'logging', whenUnset: 'nothing', rule: oneOf('a', 'b'), description: 'Third.' })
  readonly THIRD: 'a' | 'b' | undefined;
}

/** Never called: the compiler must refuse it, or a setting could hold another type than it says. */
export function declareWrongTypes(): unknown {
  class Wrong {
    // @ts-expect-error a number is no string
    @Setting({ group: 'http', default: '1', rule: wholeNumber(0, 9), description: '' })
    readonly TEXT: string;

    // @ts-expect-error a word that the property doesn't know
    @Setting({ group: 'http', default: 'a', rule: oneOf('a', 'b'), description: '' })
    readonly WORD: 'a';

    // @ts-expect-error nothing is set, and the property doesn't say so
    @Setting({ group: 'http', whenUnset: '', rule: wholeNumber(0, 9), description: '' })
    readonly NUMBER: number;
  }
  return Wrong;
}

function validate(values: Partial<Record<keyof Example, unknown>>): Record<string, string[]> {
  const errors = validateSync(Object.assign(new Example(), values));
  return Object.fromEntries(errors.map((error) => [error.property, Object.values(error.constraints ?? {})]));
}

describe('Setting', () => {
  it('declares settings in the order of the source', () => {
    expect(declaredSettings(Example).map(({ name, description }) => [name, description])).toEqual([
      ['FIRST', 'First.'],
      ['SECOND', 'Second.'],
      ['THIRD', 'Third.'],
    ]);
  });

  it('knows no settings of another class', () => {
    expect(declaredSettings(class {})).toEqual([]);
  });

  it('accepts what the rule read, and what is not set', () => {
    expect(validate({ FIRST: 1, SECOND: 2, THIRD: undefined })).toEqual({});
  });

  it('reports a refused text with what is allowed', () => {
    expect(validate({ FIRST: new RefusedText('x') })).toEqual({ FIRST: ['a whole number from 0 to 9'] });
  });
});

describe('IsAtLeast', () => {
  it('refuses a number below the other', () => {
    expect(validate({ FIRST: 3, SECOND: 2 })).toEqual({ SECOND: ['at least FIRST (now 3), or it is too small'] });
  });

  it('accepts an equal one', () => {
    expect(validate({ FIRST: 3, SECOND: 3 })).toEqual({});
  });

  it('says nothing when one of the two was refused anyway', () => {
    expect(Object.keys(validate({ FIRST: new RefusedText('x'), SECOND: 2 }))).toEqual(['FIRST']);
  });
});
