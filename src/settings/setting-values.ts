import {
  type GroupValues,
  isOption,
  type PlacedSetting,
  type SettingGroups,
  type SettingOptions,
  settingsOf,
  type SettingValues,
} from './setting.js';

/** Values by group and name. A setting that is not set is missing or has the value `undefined`. */
export type GivenValues = Readonly<Record<string, GroupValues | undefined>>;

/** A setting whose value is below that of another setting, although it must not be. */
export interface BoundProblem {
  readonly setting: PlacedSetting;
  readonly value: number;
  readonly other: PlacedSetting;
  readonly otherValue: number;
  readonly reason: string;
}

/**
 * Fills in the defaults of the settings that are not given. An explicit `undefined` counts as not given.
 *
 * @param chosen the settings that the result contains
 */
export function withDefaults(chosen: readonly PlacedSetting[], given: GivenValues): Record<string, GroupValues> {
  const values: Record<string, Record<string, unknown>> = {};
  for (const { group, name, declaration } of chosen) {
    const ofGroup = (values[group] ??= {});
    const { default: text, computed, rule } = declaration;
    ofGroup[name] = given[group]?.[name] ?? (text === undefined ? computed?.(ofGroup) : rule.read(text));
  }
  return values;
}

/** Finds the settings whose number is below that of another setting, although they must not be below it. */
export function findBoundProblems(groups: SettingGroups, values: GivenValues): readonly BoundProblem[] {
  const all = settingsOf(groups);
  return all.flatMap((setting) => {
    const { atLeast } = setting.declaration;
    const other = all.find(({ path }) => path === atLeast?.other);
    if (atLeast === undefined || other === undefined) return [];
    const value = values[setting.group]?.[setting.name];
    const otherValue = values[other.group]?.[other.name];
    if (typeof value !== 'number' || typeof otherValue !== 'number' || value >= otherValue) return [];
    return [{ setting, value, other, otherValue, reason: atLeast.reason }];
  });
}

/** Selects the values that are options of the module. */
export function optionsOf<Groups extends SettingGroups>(
  groups: Groups,
  values: SettingValues<Groups>,
): Partial<SettingOptions<Groups>> {
  const options: Record<string, Record<string, unknown>> = {};
  for (const { group, name } of settingsOf(groups).filter(isOption)) {
    (options[group] ??= {})[name] = (values as GivenValues)[group]?.[name];
  }
  return options as Partial<SettingOptions<Groups>>;
}
