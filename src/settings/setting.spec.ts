import { byteSize, duration, durationOrNever, oneOf, wholeNumber } from './rules/setting-rules.js';
import { isOption, setting, settingGroup, type SettingOptions, settingsOf, type SettingValues } from './setting.js';
import { SETTING_GROUPS } from './setting-groups.js';
import { findBoundProblems, withDefaults } from './setting-values.js';

const EXAMPLE = {
  first: settingGroup({
    title: 'First',
    settings: {
      low: setting({ env: 'FIRST_LOW', default: '1', rule: wholeNumber(0, 9), description: 'Low.' }),
      high: setting({
        env: 'FIRST_HIGH',
        default: '2',
        rule: wholeNumber(0, 9),
        description: 'High.',
        atLeast: { other: 'first.low', reason: 'it is too small' },
      }),
      double: setting({
        env: 'FIRST_DOUBLE',
        whenUnset: 'twice the high one',
        computed: ({ high }) => 2 * Number(high),
        rule: wholeNumber(0, 18),
        description: 'Double.',
      }),
    },
  }),
  server: settingGroup({
    title: 'Server',
    settings: {
      word: setting({ env: 'WORD', serverOnly: true, whenUnset: 'none', rule: oneOf('a', 'b'), description: 'Word.' }),
    },
  }),
};

/**
 * This function is never called. The compiler must refuse the marked lines, which shows that the type of a setting follows from
 * its declaration.
 */
export function useWrongTypes(
  values: SettingValues<typeof EXAMPLE>,
  options: SettingOptions<typeof EXAMPLE>,
): readonly unknown[] {
  const low: number = options.first.low;
  const word: 'a' | 'b' | undefined = values.server.word;
  // @ts-expect-error A number is not a string.
  const text: string = values.first.low;
  // @ts-expect-error The setting has no default, so it may be undefined.
  const always: 'a' | 'b' = values.server.word;
  // @ts-expect-error The module does not have settings of the server.
  const hidden: unknown = options.server;
  return [low, word, text, always, hidden];
}

describe('withDefaults', () => {
  const all = settingsOf(EXAMPLE);

  it('takes the given value, then the default, then the computed value', () => {
    expect(withDefaults(all, { first: { high: 4, low: undefined } })).toEqual({
      first: { low: 1, high: 4, double: 8 },
      server: { word: undefined },
    });
  });
});

describe('findBoundProblems', () => {
  const problems = (low: unknown, high: unknown) => findBoundProblems(EXAMPLE, { first: { low, high } });

  it('finds a number below the other', () => {
    expect(problems(3, 2)).toMatchObject([{ value: 2, otherValue: 3, reason: 'it is too small' }]);
  });

  it('accepts an equal one', () => expect(problems(3, 3)).toEqual([]));
});

describe('the declarations', () => {
  const all = settingsOf(SETTING_GROUPS);
  const constantCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

  it('give a setting one name: the variable is the option name in capitals, with or without group and unit', () => {
    for (const { group, name, declaration } of all) {
      if (declaration.env === undefined) continue;
      const { prefix = constantCase(group) } = SETTING_GROUPS[group as keyof typeof SETTING_GROUPS] as {
        prefix?: string;
      };
      const own = constantCase(name);
      const names = [own, own.replace(/_(?:SECONDS|BYTES)$/, '')].flatMap((text) => [text, `${prefix}_${text}`]);
      expect(names).toContain(declaration.env);
    }
  });

  it('name no variable twice, including old names', () => {
    const names = all.flatMap(({ declaration: { env, aliases = [] } }) => (env === undefined ? [] : [env, ...aliases]));
    expect(new Set(names).size).toBe(names.length);
  });

  it('have defaults that their own rules accept, as options and as text', () => {
    const values = withDefaults(all, {});
    for (const { group, name, path, declaration } of all) {
      const value = values[group]![name];
      if (value === undefined) expect([path, declaration.whenUnset]).toEqual([path, expect.any(String)]);
      else expect([path, declaration.rule.accepts(value)]).toEqual([path, true]);
    }
  });

  it('compare a setting only with an existing one, and an option only with an option', () => {
    for (const compared of all.filter(({ declaration }) => declaration.atLeast !== undefined)) {
      const other = all.find(({ path }) => path === compared.declaration.atLeast!.other);
      expect(other).toBeDefined();
      if (isOption(compared)) expect(isOption(other!)).toBe(true);
    }
  });
});

describe('rules', () => {
  it.each([
    ['a whole number', wholeNumber(1, 9), 1, [0, 10, 1.5, NaN, Infinity, '5', null, 5n, {}]],
    ['a size', byteSize(1, 1024), 1024, [1025, '1KiB', NaN]],
    ['a duration', duration('1s', '1m'), 60, [0, 61, '60s']],
    ['a duration or never', durationOrNever(), 0, [-1, 'never', Infinity]],
    ['a word', oneOf('a', 'b'), 'a', ['A', 'c', 1]],
  ] as const)('accept only options that are %s', (_name, rule, good, bad) => {
    expect(rule.accepts(good)).toBe(true);
    for (const value of bad) expect([value, rule.accepts(value)]).toEqual([value, false]);
  });
});
