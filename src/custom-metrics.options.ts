import { readOptions } from './settings/read-options.js';
import type { SettingOptions } from './settings/setting.js';
import { SETTING_GROUPS } from './settings/setting-groups.js';

export type { TokenSeed } from './settings/rules/token-seed.js';

/** All options of the module, complete with defaults. docs/settings.md describes each of them. */
export interface CustomMetricsOptions extends SettingOptions<typeof SETTING_GROUPS> {}

/** The options that a host passes. All have defaults, so `CustomMetricsModule.forRoot({})` works. */
export type CustomMetricsModuleOptions = {
  readonly [Group in keyof CustomMetricsOptions]?: Partial<CustomMetricsOptions[Group]>;
};

/** Injection token of the complete {@link CustomMetricsOptions}. */
export const CUSTOM_METRICS_OPTIONS = Symbol('CUSTOM_METRICS_OPTIONS');

/**
 * Checks the options and fills in the defaults.
 *
 * @throws InvalidOptionsError with every problem
 */
export function completeOptions(given: CustomMetricsModuleOptions): CustomMetricsOptions {
  return readOptions(SETTING_GROUPS, given);
}
