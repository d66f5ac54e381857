import { validateSync } from 'class-validator';
import { type Environment, ENVIRONMENT_GROUPS } from './environment.js';
import { InvalidEnvironmentError, type SettingProblem } from './invalid-environment.error.js';
import { findSettingText } from './rules/setting-text.js';
import { declaredSettings, RefusedText, type SettingDeclaration } from './rules/setting.decorator.js';

/** What a message shows of a wrong value: enough to recognise it in a file. */
const SHOWN_LENGTH = 60;

/**
 * Reads and validates our variables; a variable that holds nothing but white space counts as not set.
 *
 * @throws InvalidEnvironmentError with every problem
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const declarations = declaredSettings(...ENVIRONMENT_GROUPS);
  const values = declarations.map((declaration) => [declaration.name, readValue(declaration, env)] as const);
  const environment = Object.fromEntries(values);
  // Each group has all values: a limit may depend on one of another group.
  const errors = ENVIRONMENT_GROUPS.flatMap((Group) => validateSync(Object.assign(new Group(), environment)));
  if (errors.length > 0) {
    const allowed = new Map(errors.map(({ property, constraints }) => [property, Object.values(constraints ?? {})]));
    // In the order of the declarations, which is that of the documentation.
    throw new InvalidEnvironmentError(
      declarations.flatMap((declaration): SettingProblem[] =>
        (allowed.get(declaration.name) ?? []).map((message) => ({
          name: declaration.name,
          found: show(declaration, env),
          allowed: message,
        })),
      ),
    );
  }
  return environment as unknown as Environment;
}

function readValue(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): unknown {
  const { text = declaration.default, failure } = findSettingText(declaration, env);
  if (failure !== undefined) return new RefusedText(failure);
  return text === undefined ? undefined : (declaration.rule.read(text) ?? new RefusedText(text));
}

function show(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): string {
  const { text, file, failure } = findSettingText(declaration, env);
  const { default: defaultText, rule } = declaration;
  if (failure !== undefined) return `the file ${file}, which can't be used (${failure})`;
  if (text === undefined) return `${defaultText} (the default)`;
  if (rule.mask) return rule.mask(text) + (file === undefined ? '' : ` in the file ${file}`);
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}
