import { CustomMetricsModule } from '../custom-metrics.module.js';
import { InvalidOptionsError } from './invalid-options.error.js';
import { isOption, settingsOf } from './setting.js';
import { SETTING_GROUPS } from './setting-groups.js';

const fails = (): never => {
  throw new Error('The host throws.');
};
const PROXY = new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails });
const SELF: Record<string, unknown> = {};
SELF.self = SELF;

/** Values that no option accepts. */
const NEVER: readonly unknown[] = [
  NaN,
  Infinity,
  -1,
  1.5,
  2 ** 60,
  null,
  '',
  'not a value\0',
  'x'.repeat(100_000),
  10n,
  Symbol('5'),
  () => 5,
  class {},
  new Number(5),
  new String('none'),
  new Boolean(true),
  new Date(5),
  new Map(),
  Promise.resolve(5),
  {},
  Object.create(null),
  SELF,
  PROXY,
  Object.create({ keep: 1, discard: 2 }),
  { keep: 5, discard: fails },
  { toString: fails, valueOf: fails, toJSON: fails },
  { toJSON: () => Symbol('5') },
  [1],
  [undefined],
  Array(3),
  Array(4_000_000_000),
  [{ secret: 5, kind: 'admin' }],
  [
    {
      secret: 'hunter2',
      get kind() {
        return fails();
      },
    },
  ],
  new Proxy([1], { get: fails }),
];

/** Values that some options accept, and all others must refuse. */
const SOMETIMES: readonly unknown[] = ['5', '5 or so', true, 5, 'token', []];

function refusalOf(options: unknown): string | undefined {
  try {
    CustomMetricsModule.forRoot(options as Parameters<typeof CustomMetricsModule.forRoot>[0]);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as Error).message;
  }
}

describe('a wrong value of an option', () => {
  const places = settingsOf(SETTING_GROUPS).filter(isOption);

  it.each(places)('is refused when the module is imported, in a sentence that names $path', ({ group, name, path }) => {
    for (const value of NEVER) {
      const [, sentence, ...rest] = refusalOf({ [group]: { [name]: value } })!.split('\n');
      expect(sentence).toMatch(`  ${path}: found `);
      expect(rest).toHaveLength(1);
      expect(sentence!.length).toBeLessThan(600);
      expect(sentence).not.toContain('hunter2');
    }
  });

  it.each(places)('is refused unless the rule of $path accepts it', ({ group, name, declaration }) => {
    for (const value of SOMETIMES) {
      const isBelowAnother = declaration.atLeast !== undefined && typeof value === 'number';
      expect(refusalOf({ [group]: { [name]: value } }) === undefined).toBe(
        declaration.rule.accepts(value) && !isBelowAnother,
      );
    }
  });

  it('is refused if its getter throws, or if a prototype has it, which would be ignored', () => {
    const getter = Object.defineProperty({}, 'waitMs', { enumerable: true, get: fails });
    expect(refusalOf({ store: getter })).toContain("  store.waitMs: can't be read: The host throws.");
    expect(refusalOf(Object.defineProperty({}, 'store', { enumerable: true, get: fails }))).toContain('  store: ');
    expect(refusalOf({ store: Object.create({ waitMs: 5 }) as object })).toContain('  store.waitMs: is inherited');
    expect(refusalOf(Object.create({ store: {} }))).toContain('  store: is inherited');
    class Config {
      retentionDays = 5;
      get waitMs() {
        return 5;
      }
    }
    expect(refusalOf({ store: new Config() })).toContain('  store.waitMs: is inherited');
  });

  it('is refused in place of a group, and in place of all options', () => {
    for (const value of [...NEVER, [], 5, 'x'.repeat(5_000_000)].filter((each) => !isEmptyObject(each))) {
      expect(refusalOf(value)).toMatch(/ {2}\w+: /);
      expect(refusalOf({ http: value })).toMatch(/ {2}http(?:\.\w+)?: /);
    }
  });

  it.each(['dataSource', 'historyDataSource', 'schema', 'migrationsRun', 'routes', 'guard', 'decorators', 'isGlobal'])(
    'is refused for %s',
    (name) => {
      for (const value of [null, NaN, 5, '', Symbol('x'), PROXY, [5], new Date()]) {
        if (name === 'routes' && typeof value === 'object' && value !== null && !Array.isArray(value)) continue;
        expect(refusalOf({ [name]: value })).toContain(`  ${name}: found `);
        expect(() => CustomMetricsModule.forRootAsync({ [name]: value, useFactory: () => ({}) })).toThrow(
          `  ${name}: `,
        );
      }
    },
  );

  it('does not take effect if the host changes it after the check', () => {
    let reads = 0;
    const options = {
      store: {
        get retentionDays() {
          return ++reads;
        },
      },
    };
    expect(refusalOf(options)).toBeUndefined();
    expect(reads).toBe(1);
  });
});

function isEmptyObject(value: unknown): boolean {
  if (value === PROXY || typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && Object.keys(value).length === 0;
}
