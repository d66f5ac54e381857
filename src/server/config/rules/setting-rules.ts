import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { type InitialToken, type InitialTokenKind, maskInitialTokens, parseInitialTokens } from '../initial-token.js';
import type { SettingRule } from './setting-rule.js';
import { parseWholeNumber } from './whole-number.js';

/** A whole number between two bounds, both included. */
export function wholeNumber(min: number, max: number): SettingRule<number> {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    read: (text) => within(min, parseWholeNumber(text), max),
  };
}

/** A size in bytes between two bounds, both included. */
export function byteSize(min: number, max: number): SettingRule<number> {
  return {
    allowed: `a number of bytes from ${min} to ${max}, or with a unit like \`512KiB\` or \`5MiB\``,
    read: (text) => within(min, parseByteSize(text), max),
  };
}

/** A duration in seconds, or 0 for never; a duration of 0 is refused, so that the two can't be confused. */
export function durationOrNever(): SettingRule<number> {
  return {
    allowed: 'a duration like `90s`, `30m`, `24h` or `7d`, or `never`',
    read: (text) => (text.toLowerCase() === 'never' ? 0 : parseDuration(text)),
  };
}

/** A duration in seconds that a whole number of make a day. */
export function partOfDay(minSeconds: number): SettingRule<number> {
  return {
    allowed: `a duration of at least ${minSeconds} s that a day is a whole multiple of, like \`15m\`, \`1h\`, \`6h\` or \`24h\``,
    read: (text) => {
      const seconds = parseDuration(text);
      return seconds !== undefined && seconds >= minSeconds && 86_400 % seconds === 0 ? seconds : undefined;
    },
  };
}

/** A duration in seconds, between two durations, both included. */
export function duration(min: string, max: string): SettingRule<number> {
  return {
    allowed: `a duration from \`${min}\` to \`${max}\`, like \`90s\`, \`30m\`, \`24h\` or \`7d\``,
    read: (text) => within(parseDuration(min)!, parseDuration(text), parseDuration(max)!),
  };
}

const UTC_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{3})?Z)?$/;

/** A day or a time in UTC, as milliseconds since the epoch. */
export function utcTime(): SettingRule<number> {
  return {
    allowed: 'a day like `2026-08-01`, or a time in UTC like `2026-08-01T12:00:00Z`',
    read: (text) => {
      const time = UTC_TIME.test(text) ? Date.parse(text) : NaN;
      return Number.isNaN(time) ? undefined : time;
    },
  };
}

/** One of a few words, in any case. */
export function oneOf<const Choice extends string>(...choices: readonly Choice[]): SettingRule<Choice> {
  return {
    allowed: `one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`,
    read: (text) => choices.find((choice) => choice === text.toLowerCase()),
  };
}

const YES = ['true', 'yes', '1'];
const NO = ['false', 'no', '0'];

/** A switch. */
export function yesOrNo(): SettingRule<boolean> {
  const words = oneOf(...YES, ...NO);
  return {
    allowed: words.allowed,
    read: (text) => {
      const word = words.read(text);
      return word === undefined ? undefined : YES.includes(word);
    },
  };
}

/** Text that only the system can judge, such as a path. */
export function anyText(allowed: string): SettingRule<string> {
  return { allowed, read: (text) => text };
}

/** A name or address to listen on. */
export function hostName(): SettingRule<string> {
  return {
    allowed: 'a host name or an IP address, without a port',
    // Colons are left to IPv6, whose addresses have at least two.
    read: (text) => (/^[^\s/:]+$/.test(text) || /^[\da-f.]*:[\da-f.]*:[\da-f.:]*$/i.test(text) ? text : undefined),
  };
}

/** Names, separated by commas. */
export function nameList(): SettingRule<readonly string[]> {
  return {
    allowed: 'names without spaces, separated by commas',
    read: (text) => {
      const names = text.split(',').map((name) => name.trim());
      return names.every((name) => /^\S+$/.test(name)) ? names : undefined;
    },
  };
}

/** The connection URL of a Postgres; a secret, because it usually carries the password. */
export function postgresUrl(): SettingRule<string> {
  return {
    allowed: 'a `postgres://` or `postgresql://` URL, special characters in the password percent-encoded',
    read: (text) => (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
    // Only the scheme: in a URL that can't be parsed nobody knows where the password ends.
    mask: (text) => `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}***`,
  };
}

/** Where another service is: without a query, and without a password, which would end up in logs. */
export function httpUrl(): SettingRule<string> {
  return {
    allowed: 'an `http://` or `https://` URL without a user, a query or a fragment',
    read: (text) => {
      if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
      const { username, password, search, hash } = new URL(text);
      return username + password + search + hash === '' ? text : undefined;
    },
    // What is refused may carry a password.
    mask: (text) => `${/^[a-z]+:\/\//i.exec(text)?.[0] ?? ''}***`,
  };
}

/** A comma-separated list of Unleash tokens; a secret. */
export function initialTokens(kind: InitialTokenKind): SettingRule<readonly InitialToken[]> {
  return {
    allowed:
      kind === 'admin'
        ? 'comma-separated tokens like `*:*.secret`'
        : 'comma-separated tokens like `project:environment.secret`, the environment not `*`',
    read: (text) => parseInitialTokens(text, kind),
    mask: maskInitialTokens,
  };
}

function within(min: number, value: number | undefined, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
