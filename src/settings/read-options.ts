import { InvalidOptionsError, type OptionProblem } from './invalid-options.error.js';
import { nearestName } from './nearest-name.js';
import { isOption, type PlacedSetting, type SettingGroups, type SettingOptions, settingsOf } from './setting.js';
import { findBoundProblems, type GivenValues, withDefaults } from './setting-values.js';

/** Maximum length of a wrong value in a message, which is enough to recognise it in a file. */
const SHOWN_LENGTH = 60;

/** Maximum length of an unknown name in a message. */
const SHOWN_NAME_LENGTH = 100;

/**
 * Checks the options of a host and fills in the defaults. An explicit `undefined` counts as not given, for a group as well.
 *
 * @throws InvalidOptionsError with every problem
 */
export function readOptions<Groups extends SettingGroups>(groups: Groups, given: unknown): SettingOptions<Groups> {
  const options = settingsOf(groups).filter(isOption);
  const problems: OptionProblem[] = [];
  if (!isObject(given)) {
    throw new InvalidOptionsError([{ path: 'options', message: `found ${show(given)}; allowed: an object` }]);
  }
  const accepted: Record<string, Record<string, unknown>> = {};
  for (const [group, values] of Object.entries(given)) {
    const ofGroup = options.filter((option) => option.group === group);
    if (ofGroup.length === 0) problems.push(unknownOption(group, options));
    else if (isObject(values)) accepted[group] = readGroup(group, values, options, problems);
    else if (values !== undefined) {
      problems.push({ path: group, message: `found ${show(values)}; allowed: an object with ${namesOf(ofGroup)}` });
    }
  }
  const complete = withDefaults(options, accepted);
  const refused = new Set(problems.map(({ path }) => path));
  problems.push(...boundProblemsOf(groups, complete, refused));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return complete as SettingOptions<Groups>;
}

function readGroup(
  group: string,
  values: object,
  options: readonly PlacedSetting[],
  problems: OptionProblem[],
): Record<string, unknown> {
  const accepted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const path = `${group}.${name}`;
    const option = options.find((candidate) => candidate.path === path);
    if (option === undefined) {
      problems.push(unknownOption(path, options));
      continue;
    }
    if (value === undefined) continue;
    const { rule } = option.declaration;
    if (rule.accepts(value)) {
      accepted[name] = value;
      continue;
    }
    const found = rule.mask ? '***' : show(value);
    problems.push({ path, message: `found ${found}; allowed: ${rule.allowedOption ?? rule.allowed}` });
  }
  return accepted;
}

/** @param refused paths of refused options, which have their defaults now; a second message about them would only confuse */
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

/** Finds the option that a wrong path means: first by the whole path, then by its name in another group, then by its group. */
function meantOption(path: string, options: readonly PlacedSetting[]): string | undefined {
  const own = path.slice(path.indexOf('.') + 1);
  const paths = options.map((option) => option.path);
  const nearestOwn = nearestName(
    own,
    options.map(({ name }) => name),
  );
  return (
    nearestName(path, paths) ??
    options.find(({ name }) => name === nearestOwn)?.path ??
    nearestName(path, [...new Set(options.map(({ group }) => group))])
  );
}

function namesOf(options: readonly PlacedSetting[]): string {
  return options.map(({ name }) => name).join(', ');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // An object that contains itself, for instance.
  }
  text ??= typeof value;
  return shortened(text, SHOWN_LENGTH);
}

/** Shortens a text that a message quotes. This folder imports nothing, so it cannot share the function of outside-text. */
function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
