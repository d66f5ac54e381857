import { readFileSync } from 'node:fs';
import type { SettingDeclaration } from './setting.decorator.js';

/** What the environment says about one setting. */
export interface SettingText {
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
 * sees its environment.
 */
export function findSettingText({ name, rule }: SettingDeclaration, env: NodeJS.ProcessEnv): SettingText {
  const text = trimmed(env[name]);
  const file = rule.mask && trimmed(env[`${name}_FILE`]);
  if (text !== undefined || file === undefined) return { text };
  try {
    const content = trimmed(readFileSync(file, 'utf8'));
    // Not the same as not set: who names a file does not want the default instead.
    return content === undefined ? { text: content, file, failure: 'it is empty' } : { text: content, file };
  } catch (error) {
    return { text: undefined, file, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** Files of variables often leave a blank at the end of a line, and files of secrets a line break. */
function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
