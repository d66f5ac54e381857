import { readFileSync } from 'node:fs';
import type { SettingDeclaration } from '../../settings/setting.js';

/** What the environment says about one setting. */
export interface SettingText {
  /** The variable that says it: the setting's own or an old name of it. */
  readonly name: string;
  /** Without the white space around it; `undefined` when nothing is set, or nothing but white space. */
  readonly text: string | undefined;
  /** The file that holds the text instead of the variable. */
  readonly file?: string;
  /** Why that file can't be used. */
  readonly failure?: string;
}

/**
 * Finds the text of a setting: in its variable or, if that is not set and the setting is a secret, in the file that
 * `NAME_FILE` names. Docker and Kubernetes hand secrets over in files, because everybody who may inspect a container
 * sees its environment. Old names of the variable are asked after its own.
 */
export function findSettingText(declaration: SettingDeclaration, env: NodeJS.ProcessEnv): SettingText {
  const { env: ownName = '', aliases = [], rule } = declaration;
  for (const name of [ownName, ...aliases]) {
    const found = findTextOf(name, rule.mask !== undefined, env);
    if (found !== undefined) return found;
  }
  return { name: ownName, text: undefined };
}

/** Lists the names of a setting under which the environment says something, its own first. */
export function setNamesOf(
  { env: ownName = '', aliases = [], rule }: SettingDeclaration,
  env: NodeJS.ProcessEnv,
): string[] {
  return [ownName, ...aliases].filter((name) => findTextOf(name, rule.mask !== undefined, env) !== undefined);
}

function findTextOf(name: string, isSecret: boolean, env: NodeJS.ProcessEnv): SettingText | undefined {
  const text = trimmed(env[name]);
  if (text !== undefined) return { name, text };
  const file = isSecret ? trimmed(env[`${name}_FILE`]) : undefined;
  if (file === undefined) return undefined;
  try {
    const content = trimmed(readFileSync(file, 'utf8'));
    // Not the same as not set: who names a file does not want the default instead.
    return content === undefined
      ? { name, text: content, file, failure: 'it is empty' }
      : { name, text: content, file };
  } catch (error) {
    return { name, text: undefined, file, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** Files of variables often leave a blank at the end of a line, and files of secrets a line break. */
function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
