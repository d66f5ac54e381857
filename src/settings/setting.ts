import type { SettingRule } from './rules/setting-rule.js';

/** The values of one group, by the names of its settings. */
export type GroupValues = Readonly<Record<string, unknown>>;

/** The declaration of one setting for the environment, the options, the validation and the documents. */
export interface SettingDeclaration {
  /** The name of the environment variable. It is missing for an option that only a host can pass. */
  readonly env?: string;
  /** Older names of the variable. They keep working, with a warning at startup. */
  readonly aliases?: readonly string[];
  /** True for a setting of the standalone server that is not an option of the module. */
  readonly serverOnly?: true;
  /** Describes the setting for the operator, and may contain Markdown code spans. */
  readonly description: string;
  readonly rule: SettingRule<unknown>;
  /** The default as an operator types it. The documents show it unchanged. */
  readonly default?: string;
  /** Describes, for the documents, what happens if the setting is not set and has no `default`. */
  readonly whenUnset?: string;
  /**
   * Computes the value of a setting without `default`. The function gets the settings of the group that are declared before
   * this one.
   */
  readonly computed?: (group: GroupValues) => unknown;
  /** The text that `.env.example` shows if there is no default. */
  readonly example?: string;
  /** Refuses a number below that of another setting, which is given by its path. The reason is a clause that follows "or". */
  readonly atLeast?: { readonly other: string; readonly reason: string };
}

/** A group of settings, which is a chapter of the documentation and an object in the settings and in the options. */
export interface SettingGroup {
  readonly title: string;
  /** The prefix of the variables of the group. The default is the name of the group. */
  readonly prefix?: string;
  readonly settings: Readonly<Record<string, SettingDeclaration>>;
}

/** Groups by their names, in the order of the documentation. */
export type SettingGroups = Readonly<Record<string, SettingGroup>>;

/** The type of a setting's value. If the setting has no default of any kind, the value may be `undefined`. */
export type SettingValue<Declaration> = Declaration extends { readonly rule: SettingRule<infer Value> }
  ? Declaration extends { readonly default: string } | { readonly computed: unknown }
    ? Value
    : Value | undefined
  : never;

/** The values of all settings that have an environment variable. */
export type SettingValues<Groups extends SettingGroups> = {
  readonly [Group in keyof Groups]: {
    readonly [
      Name in keyof Groups[Group]['settings'] as Groups[Group]['settings'][Name] extends { readonly env: string }
        ? Name
        : never
    ]: SettingValue<Groups[Group]['settings'][Name]>;
  };
};

type OptionNames<Group extends SettingGroup> = {
  [Name in keyof Group['settings']]: Group['settings'][Name] extends { readonly serverOnly: true } ? never : Name;
}[keyof Group['settings']];

/** The complete options of the module: the values of all settings that a host may pass. */
export type SettingOptions<Groups extends SettingGroups> = {
  readonly [Group in keyof Groups as OptionNames<Groups[Group]> extends never ? never : Group]: {
    readonly [
      Name in keyof Groups[Group]['settings'] as Name extends OptionNames<Groups[Group]> ? Name : never
    ]: SettingValue<Groups[Group]['settings'][Name]>;
  };
};

/**
 * Declares one setting. Its names, its default, its rule and its description are declared only here. The types, the reading of
 * the environment, the check of a host's options and the documents are all derived from it.
 *
 * @example
 * ```ts
 * maxSamples: setting({
 *   env: 'INGEST_MAX_SAMPLES',
 *   default: '10000',
 *   rule: wholeNumber(1, 1_000_000),
 *   description: 'Maximum number of samples in one push request.',
 * }),
 * ```
 */
export function setting<const Declaration extends SettingDeclaration>(declaration: Declaration): Declaration {
  return declaration;
}

/** Declares a group of settings. */
export function settingGroup<const Group extends SettingGroup>(group: Group): Group {
  return group;
}

/** One setting with its group and name. */
export interface PlacedSetting {
  readonly group: string;
  readonly name: string;
  /** The path of the setting among the settings and the options, like `ingest.maxSamples`. */
  readonly path: string;
  readonly declaration: SettingDeclaration;
}

/** Lists the settings in the order of the documentation. */
export function settingsOf(groups: SettingGroups): readonly PlacedSetting[] {
  return Object.entries(groups).flatMap(([group, { settings }]) =>
    Object.entries(settings).map(([name, declaration]) => ({ group, name, path: `${group}.${name}`, declaration })),
  );
}

/** Returns whether a host may pass the setting as an option. */
export function isOption({ declaration }: PlacedSetting): boolean {
  return declaration.serverOnly !== true;
}
