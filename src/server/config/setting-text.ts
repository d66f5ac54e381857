import { readFileSync } from 'node:fs';
import type { SettingDeclaration } from '../../settings/setting.js';

/** The value of one setting in the environment. */
export interface SettingText {
  /** The name of the variable: the setting's own name, or an old one. */
  readonly name: string;
  /** The value without surrounding white space; `undefined` if it is not set or contains only white space. */
  readonly text: string | undefined;
  /** The file that contains the value instead of the variable. */
  readonly file?: string;
  /** The reason why that file can't be used. */
  readonly failure?: string;
}

/**
 * Finds the text of a setting in its variable or, if that is not set and the setting is a secret, in the file that `NAME_FILE`
 * names. Docker and Kubernetes provide secrets as files, because the environment of a container is visible to everybody who may
 * inspect it. Old names of the variable are used only if its own name is not set.
 */
export function findSettingText(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): SettingText {
  const { env: ownName = '', aliases = [], rule } = declaration;
  for (const name of [ownName, ...aliases]) {
    const found = findTextOf(name, rule.isSecret === true, env);
    if (found !== undefined) return found;
  }
  return { name: ownName, text: undefined };
}

/** Lists the names of a setting that are set in the environment, its own name first. */
export function setNamesOf(
  { env: ownName = '', aliases = [], rule }: SettingDeclaration,
  env: NodeJS.ProcessEnv,
): string[] {
  return [ownName, ...aliases].filter((name) => findTextOf(name, rule.isSecret === true, env) !== undefined);
}

function findTextOf(name: string, isSecret: boolean, env: NodeJS.ProcessEnv): SettingText | undefined {
  const text = trimmed(env[name]);
  if (text !== undefined) return { name, text };
  const file = isSecret ? trimmed(env[`${name}_FILE`]) : undefined;
  if (file === undefined) return undefined;
  try {
    const content = trimmed(readFileSync(file, 'utf8'));
    // Unlike a variable that is not set, an empty file is an error, because an operator who names a file does not want the
    // default.
    return content === undefined
      ? { name, text: content, file, failure: 'it is empty' }
      : { name, text: content, file };
  } catch (error) {
    return { name, text: undefined, file, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/**
 * Removes surrounding white space, because lines of `.env` files often end with a blank, and files of secrets with a line break.
 * The result is undefined if nothing remains.
 */
function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
