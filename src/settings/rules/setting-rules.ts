import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { type TokenSeed, type TokenKind, maskTokenSeeds, parseTokenSeeds } from './token-seed.js';
import type { SettingRule } from './setting-rule.js';
import { ALLOWED_PAGE_PATHS, isPagePath } from './page-path.js';
import { ALLOWED_SCHEMA_NAMES, isSchemaName } from './schema-name.js';
import { parseWholeNumber } from './whole-number.js';

/** Allows a whole number between two bounds, both inclusive. */
export function wholeNumber(min: number, max: number): SettingRule<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    read: (text) => within(min, parseWholeNumber(text), max),
    accepts: (value) => isWholeNumber(value, min, max),
  };
}

/** Allows a whole number between two bounds, both inclusive, or the word that leaves the choice to the server. */
export function wholeNumberOrAuto(min: number, max: number): SettingRule<number | 'auto'> {
  const number = wholeNumber(min, max);
  return {
    allowed: `${number.allowed}, or \`auto\``,
    read: (text) => (text.toLowerCase() === 'auto' ? 'auto' : number.read(text)),
    accepts: (value) => value === 'auto' || number.accepts(value),
  };
}

/** Allows a size in bytes between two bounds, both inclusive. */
export function byteSize(min: number, max: number): SettingRule<number> {
  return {
    allowed: `a number of bytes from ${min} to ${max}, or with a unit like \`512KiB\` or \`5MiB\``,
    allowedOption: `a whole number of bytes from ${min} to ${max}`,
    read: (text) => within(min, parseByteSize(text), max),
    accepts: (value) => isWholeNumber(value, min, max),
  };
}

/**
 * Allows a duration, or never. The value is in seconds, and 0 means never. The text `0s` is refused, because it could mean
 * either.
 */
export function durationOrNever(): SettingRule<number> {
  return {
    allowed: 'a duration like `90s`, `30m`, `24h` or `7d`, or `never`',
    allowedOption: 'a whole number of seconds, or 0 for never',
    read: (text) => (text.toLowerCase() === 'never' ? 0 : parseDuration(text)),
    accepts: (value) => isWholeNumber(value, 0),
  };
}

/** Allows a duration of at least `minSeconds` that divides a day without a remainder. The value is in seconds. */
export function partOfDay(minSeconds: number): SettingRule<number> {
  const isPart = (seconds: number): boolean => seconds >= minSeconds && 86_400 % seconds === 0;
  return {
    allowed: `a duration of at least ${minSeconds} s that divides a day evenly, like \`15m\`, \`1h\`, \`6h\` or \`24h\``,
    allowedOption: `a whole number of seconds, at least ${minSeconds}, that divides a day evenly, like 900, 3600 or 21600`,
    read: (text) => {
      const seconds = parseDuration(text);
      return seconds !== undefined && isPart(seconds) ? seconds : undefined;
    },
    accepts: (value) => isWholeNumber(value, minSeconds) && isPart(value),
  };
}

/** Allows a duration in seconds between two durations, both inclusive. */
export function duration(min: string, max: string): SettingRule<number> {
  const [minSeconds, maxSeconds] = [parseDuration(min)!, parseDuration(max)!];
  return {
    allowed: `a duration from \`${min}\` to \`${max}\`, like \`90s\`, \`30m\`, \`24h\` or \`7d\``,
    allowedOption: `a whole number of seconds from ${minSeconds} to ${maxSeconds}`,
    read: (text) => within(minSeconds, parseDuration(text), maxSeconds),
    accepts: (value) => isWholeNumber(value, minSeconds, maxSeconds),
  };
}

const UTC_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{3})?Z)?$/;

/** Allows a day or a time in UTC; the value is in milliseconds since the epoch. */
export function utcTime(): SettingRule<number> {
  return {
    allowed: 'a day like `2026-08-01`, or a time in UTC like `2026-08-01T12:00:00Z`',
    allowedOption: 'a whole number of milliseconds since the epoch',
    accepts: (value) => isWholeNumber(value, 0),
    read: (text) => {
      const time = UTC_TIME.test(text) ? Date.parse(text) : NaN;
      return Number.isNaN(time) ? undefined : time;
    },
  };
}

/** Allows one of a few words. The text of a variable may be in upper or lower case; an option must match exactly. */
export function oneOf<const Choice extends string>(...choices: readonly Choice[]): SettingRule<Choice> {
  return {
    allowed: `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`,
    read: (text) => choices.find((choice) => choice.toLowerCase() === text.toLowerCase()),
    accepts: (value) => choices.some((choice) => choice === value),
  };
}

const YES = ['true', 'yes', '1'];
const NO = ['false', 'no', '0'];

/** Allows true or false, in several spellings. */
export function yesOrNo(): SettingRule<boolean> {
  const words = oneOf(...YES, ...NO);
  return {
    allowed: words.allowed,
    allowedOption: 'true or false',
    accepts: (value) => typeof value === 'boolean',
    read: (text) => {
      const word = words.read(text);
      return word === undefined ? undefined : YES.includes(word);
    },
  };
}

/** The length of the longest path in Linux, in bytes. */
const MAX_PATH_LENGTH = 4_096;

/** Allows any text that may be a path, because only the operating system can check more. */
export function anyText(allowed: string): SettingRule<string> {
  return textRule({ allowed, isAllowed: (text) => text.length <= MAX_PATH_LENGTH && /^[^\0]+$/.test(text) });
}

/** Allows a host name or an IP address to listen on. */
export function hostName(): SettingRule<string> {
  return textRule({
    allowed: 'a host name or an IP address, without a port',
    // Only IPv6 addresses may contain colons, and they have at least two.
    isAllowed: (text) => /^[^\s/:]+$/.test(text) || /^[\da-f.]*:[\da-f.]*:[\da-f.:]*$/i.test(text),
  });
}

/** Allows names separated by commas. A host passes a list of names. */
export function nameList(): SettingRule<readonly string[]> {
  return {
    allowed: 'names without spaces, separated by commas',
    allowedOption: 'a list of names without spaces',
    read: (text) => {
      const names = text.split(',').map((name) => name.trim());
      return names.every(isName) ? names : undefined;
    },
    accepts: (value) => Array.isArray(value) && value.every(isName),
  };
}

/** Allows origins of web pages separated by commas, or `*` for any origin. */
export function originList(): SettingRule<readonly string[]> {
  return {
    allowed: 'origins like `https://app.example.org:8080`, without a path and separated by commas, or `*`',
    read: (text) => {
      const origins = text.split(',').map((origin) => origin.trim());
      return areOrigins(origins) ? origins : undefined;
    },
    accepts: (value) => Array.isArray(value) && areOrigins(value),
  };
}

/** Allows the connection URL of a Postgres server. The URL is a secret, because it usually contains the password. */
export function postgresUrl(): SettingRule<string> {
  return textRule({
    allowed: 'a `postgres://` or `postgresql://` URL with special characters in the password percent-encoded',
    isAllowed: (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
    // Only the scheme is shown, because in a URL that can't be parsed it is unknown where the password ends.
    mask: (text) => `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}***`,
    isSecret: true,
  });
}

/** Allows the name of a schema in Postgres that needs no quotes in SQL. */
export function schemaNameText(): SettingRule<string> {
  return textRule({ allowed: ALLOWED_SCHEMA_NAMES, isAllowed: isSchemaName });
}

/** Allows the path of a page; see {@link isPagePath}. */
export function pagePath(): SettingRule<string> {
  return textRule({ allowed: ALLOWED_PAGE_PATHS, isAllowed: isPagePath });
}

/**
 * Allows an `http://` or `https://` URL without a query or a fragment, and without a password, because the URL appears in logs.
 */
export function httpUrl(): SettingRule<string> {
  return textRule({
    allowed: 'an `http://` or `https://` URL without a user, a query or a fragment',
    isAllowed: (text) => {
      if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
      const { username, password, search, hash } = new URL(text);
      return username + password + search + hash === '';
    },
    // A refused text may contain a password.
    mask: (text) => `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}***`,
  });
}

/** Allows the same URLs as {@link httpUrl}, for a service whose address is not public. Operators may keep it in a file. */
export function secretHttpUrl(): SettingRule<string> {
  return { ...httpUrl(), isSecret: true };
}

/** Allows a comma-separated list of Unleash tokens, which is a secret. */
export function unleashTokens(kind: TokenKind): SettingRule<readonly TokenSeed[]> {
  return {
    ...tokenSeedsOption(),
    allowed:
      kind === 'admin'
        ? 'comma-separated tokens like `*:*.secret`'
        : 'comma-separated tokens like `project:environment.secret`, where the environment is not `*`',
    read: (text) => parseTokenSeeds(text, kind),
    mask: maskTokenSeeds,
    isSecret: true,
  };
}

const TOKEN_KINDS: readonly unknown[] = ['admin', 'backend', 'frontend'] satisfies TokenKind[];

/** Allows tokens that a host passes as objects. */
export function tokenSeeds(): SettingRule<readonly TokenSeed[]> {
  return { ...tokenSeedsOption(), read: () => undefined, mask: () => '***', isSecret: true };
}

function tokenSeedsOption(): Pick<SettingRule<readonly TokenSeed[]>, 'allowed' | 'accepts'> {
  return {
    allowed: 'a list of `{ secret, kind }`, where the kind is `admin`, `backend` or `frontend`',
    accepts: (value) => Array.isArray(value) && value.every(isTokenSeed),
  };
}

function isTokenSeed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { secret, kind } = value as Partial<Record<keyof TokenSeed, unknown>>;
  return typeof secret === 'string' && secret !== '' && TOKEN_KINDS.includes(kind);
}

/** Allows an object with certain methods, which only a host can pass. */
export function objectWith<Value extends object>(...methods: (keyof Value & string)[]): SettingRule<Value> {
  return {
    allowed: `an object with ${methods.map((method) => `\`${method}()\``).join(' and ')}`,
    read: () => undefined,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  };
}

function textRule({
  isAllowed,
  ...described
}: Pick<SettingRule<string>, 'allowed' | 'mask' | 'isSecret'> & {
  isAllowed: (text: string) => boolean;
}): SettingRule<string> {
  return {
    ...described,
    read: (text) => (isAllowed(text) ? text : undefined),
    accepts: (value) => typeof value === 'string' && isAllowed(value),
  };
}

function areOrigins(origins: readonly unknown[]): boolean {
  return origins.every((origin) => isOrigin(origin) || (origin === '*' && origins.length === 1));
}

/** Returns whether a text is an origin as browsers send it, so that it can be compared with the header `Origin`. */
function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  // For the schemes of apps in a web view, as in capacitor://localhost, `origin` is the text "null", but the header contains
  // scheme and host.
  return text === (origin === 'null' ? `${protocol}//${host}` : origin) && host !== '';
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^\S+$/.test(value);
}

function isWholeNumber(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function within(min: number, value: number | undefined, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
