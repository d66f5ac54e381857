import type { SettingRule } from './setting-rule.js';

const MAX_LENGTH = 8_192;
const TOKEN = /^[\u0021-\u007e]+$/;
// eslint-disable-next-line no-control-regex -- Control characters are what the pattern excludes.
const PASSWORD = /^[^\u0000-\u001f\u007f]+$/;
// eslint-disable-next-line no-control-regex -- Control characters are what the pattern excludes.
const USER_NAME = /^[^\u0000-\u001f\u007f:]+$/;

/** Allows a secret that is sent in a header as it is, so it consists of visible ASCII characters. */
export function secretToken(): SettingRule<string> {
  return secretRule('visible ASCII characters without blanks', TOKEN);
}

/** Allows a password, which may contain any text except control characters. */
export function secretPassword(): SettingRule<string> {
  return secretRule('any text without control characters', PASSWORD);
}

/** Allows the name of a user, which may not contain a colon, because it is sent together with the password. */
export function userName(): SettingRule<string> {
  const { isSecret: _, ...rule } = secretRule('a text without a colon and control characters', USER_NAME);
  return rule;
}

function secretRule(allowed: string, pattern: RegExp): SettingRule<string> {
  const isAllowed = (text: string): boolean => text.length <= MAX_LENGTH && pattern.test(text) && text.isWellFormed();
  return {
    allowed,
    read: (text) => (isAllowed(text) ? text : undefined),
    accepts: (value) => typeof value === 'string' && isAllowed(value),
    mask: () => '***',
    isSecret: true,
  };
}
