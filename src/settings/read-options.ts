import { InvalidOptionsError, type OptionProblem } from './invalid-options.error.js';
import { closestSpelling } from './closest-spelling.js';
import type { SettingRule } from './rules/setting-rule.js';
import { isOption, type PlacedSetting, type SettingGroups, type SettingOptions, settingsOf } from './setting.js';
import { findBoundProblems, type GivenValues, withDefaults } from './setting-values.js';
import { isObject, type OwnValues, ownValuesOf, snapshotOf } from './own-values.js';

/** Maximum length of a wrong value in a message. This is enough to recognise the value in a file. */
const SHOWN_LENGTH = 60;

/** Maximum length of an unknown name in a message. */
const SHOWN_NAME_LENGTH = 100;

/**
 * Checks the options of a host and fills in the defaults. An explicit `undefined` counts as not given, even for a whole group.
 *
 * @throws InvalidOptionsError with every problem
 */
export function readOptions<Groups extends SettingGroups>(groups: Groups, given: unknown): SettingOptions<Groups> {
  const options = settingsOf(groups).filter(isOption);
  const problems: OptionProblem[] = [];
  const groupNames = [...new Set(options.map(({ group }) => group))];
  const own = isObject(given) ? ownValuesOf(given, groupNames) : undefined;
  if (own === undefined)
    throw new InvalidOptionsError([{ path: 'options', message: `found ${show(given)}; allowed: an object` }]);
  problems.push(...unreadable('', own));
  const accepted: Record<string, Record<string, unknown>> = {};
  for (const [group, values] of own.values) {
    const ofGroup = options.filter((option) => option.group === group);
    if (ofGroup.length === 0) {
      problems.push(unknownOption(group, options));
      continue;
    }
    if (values === undefined) continue;
    const names = ofGroup.map(({ name }) => name);
    const ownOfGroup = isObject(values) ? ownValuesOf(values, names) : undefined;
    if (ownOfGroup === undefined) {
      problems.push({ path: group, message: `found ${show(values)}; allowed: an object with ${names.join(', ')}` });
    } else accepted[group] = readGroup(group, ownOfGroup, options, problems);
  }
  const complete = withDefaults(options, accepted);
  const refused = new Set(problems.map(({ path }) => path));
  problems.push(...boundProblemsOf(groups, complete, refused));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return complete as SettingOptions<Groups>;
}

function readGroup(
  group: string,
  own: OwnValues,
  options: readonly PlacedSetting[],
  problems: OptionProblem[],
): Record<string, unknown> {
  problems.push(...unreadable(`${group}.`, own));
  const accepted: Record<string, unknown> = {};
  for (const [name, given] of own.values) {
    const path = `${group}.${name}`;
    const option = options.find((candidate) => candidate.path === path);
    if (option === undefined) {
      problems.push(unknownOption(path, options));
      continue;
    }
    if (given === undefined) continue;
    const { rule } = option.declaration;
    const value = acceptedBy(rule, given);
    if (value !== undefined) {
      accepted[name] = value;
      continue;
    }
    const found = rule.mask ? '***' : show(given);
    problems.push({ path, message: `found ${found}; allowed: ${rule.allowedOption ?? rule.allowed}` });
  }
  return accepted;
}

/** Returns a copy of the value that its owner can't change later; undefined if the value is refused or can't be read. */
function acceptedBy(rule: SettingRule<unknown>, given: unknown): unknown {
  try {
    const value = snapshotOf(given);
    return rule.accepts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(prefix: string, { problems }: OwnValues): OptionProblem[] {
  return problems.map(({ name, problem }) => ({
    path: shortened(prefix + name, SHOWN_NAME_LENGTH),
    message: shortened(problem, 2 * SHOWN_NAME_LENGTH),
  }));
}

/**
 * Finds options that are below another option, although they must not be. It leaves out the `refused` ones: their defaults have
 * replaced them, and a second message about them would only confuse.
 */
function boundProblemsOf(
  groups: SettingGroups,
  values: GivenValues,
  refused: ReadonlySet<string>,
): readonly OptionProblem[] {
  return findBoundProblems(groups, values)
    .filter(({ setting, other }) => !refused.has(setting.path) && !refused.has(other.path))
    .map(({ setting, value, other, otherValue, reason }) => ({
      path: setting.path,
      message: `found ${value}; allowed: at least ${other.path} (now ${otherValue}), or ${reason}`,
    }));
}

function unknownOption(path: string, options: readonly PlacedSetting[]): OptionProblem {
  const meant = path.length > SHOWN_NAME_LENGTH ? undefined : meantOption(path, options);
  return {
    path: shortened(path, SHOWN_NAME_LENGTH),
    message: `is not an option${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  };
}

/**
 * Guesses what an unknown path was meant to be: the option with the closest path, otherwise an option with the closest name in
 * any group, otherwise the closest group.
 */
function meantOption(path: string, options: readonly PlacedSetting[]): string | undefined {
  const own = path.slice(path.indexOf('.') + 1);
  const paths = options.map((option) => option.path);
  const nearestOwn = closestSpelling(
    own,
    options.map(({ name }) => name),
  );
  return (
    closestSpelling(path, paths) ??
    options.find(({ name }) => name === nearestOwn)?.path ??
    closestSpelling(path, [...new Set(options.map(({ group }) => group))])
  );
}

/** Describes a wrong value for a message, with a bounded length. */
export function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // The value can't be serialized, for instance because it contains itself.
  }
  text ??= typeof value;
  return shortened(text, SHOWN_LENGTH);
}

/** Shortens a text that a message quotes. This folder imports no other, so it can't use the function of outside-text. */
function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
