import { abbreviate } from '../../outside-text/abbreviate.js';
import { type PlacedSetting, type SettingDeclaration, type SettingGroups, settingsOf } from '../../settings/setting.js';
import type { SettingValues } from '../../settings/setting.js';
import { type BoundProblem, findBoundProblems, withDefaults } from '../../settings/setting-values.js';
import { InvalidEnvironmentError, type SettingProblem } from './invalid-environment.error.js';
import { findSettingText } from './setting-text.js';

/**
 * Reads and checks our variables and fills in the defaults. A variable that contains only white space counts as not set.
 *
 * @throws InvalidEnvironmentError with every problem
 */
export function readEnvironment<Groups extends SettingGroups>(
  groups: Groups,
  env: NodeJS.ProcessEnv,
): SettingValues<Groups> {
  const settings = settingsOf(groups).filter(({ declaration }) => declaration.env !== undefined);
  const given: Record<string, Record<string, unknown>> = {};
  const refused = new Set<PlacedSetting>();
  for (const setting of settings) {
    const { text, failure } = findSettingText(setting.declaration, env);
    const value = failure === undefined && text !== undefined ? setting.declaration.rule.read(text) : undefined;
    if (value !== undefined) (given[setting.group] ??= {})[setting.name] = value;
    else if (text !== undefined || failure !== undefined) refused.add(setting);
  }
  const values = withDefaults(settings, given);
  const bounds = findBoundProblems(groups, values).filter(
    // A refused value is replaced by its default, and a second message about that default would only confuse.
    ({ setting, other }) => ![...refused].some(({ path }) => path === setting.path || path === other.path),
  );
  const problems: SettingProblem[] = [];
  for (const setting of settings) {
    if (refused.has(setting)) problems.push(problemOf(setting, setting.declaration.rule.allowed, env));
    const bound = bounds.find((candidate) => candidate.setting.path === setting.path);
    if (bound !== undefined) problems.push(problemOf(setting, allowedBy(bound), env));
  }
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return values as SettingValues<Groups>;
}

function allowedBy({ other, otherValue, reason }: BoundProblem): string {
  return `at least ${other.declaration.env ?? other.path} (now ${otherValue}), or ${reason}`;
}

function problemOf({ declaration }: PlacedSetting, allowed: string, env: NodeJS.ProcessEnv): SettingProblem {
  return { name: findSettingText(declaration, env).name, found: show(declaration, env), allowed };
}

function show(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): string {
  const { text, file, failure } = findSettingText(declaration, env);
  const { default: defaultText, rule } = declaration;
  if (failure !== undefined) return `the file ${file}, which can't be used (${failure})`;
  if (text === undefined) return `${defaultText} (the default)`;
  if (rule.mask) return rule.mask(text) + (file === undefined ? '' : ` in the file ${file}`);
  return JSON.stringify(abbreviate(text));
}
