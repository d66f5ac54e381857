import type { SettingRule } from './setting-rule.js';

/** Pairs as `name=value`, such as labels or headers. */
type Pairs = readonly string[];

/** The text that means an empty list, because an empty variable counts as not set. */
const NO_PAIRS = 'none';

const MAX_PAIRS = 32;
const MAX_PAIR_LENGTH = 1_024;

const LABEL_NAME = /^(?!__)[a-zA-Z_]\w{0,127}$/;
// eslint-disable-next-line no-control-regex -- Control characters are what the pattern excludes.
const LABEL_VALUE = /^[^\u0000-\u001f\u007f,]+$/;

const HEADER_NAME = /^[a-zA-Z][\w-]{0,127}$/;
const HEADER_VALUE = /^[\u0020-\u007e]+$/;

/** Headers that are reserved for the service and for HTTP itself. A value from the settings could make the request invalid. */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'te',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-custom-metrics-forwarded-by',
  'x-prometheus-remote-write-version',
]);

/** Allows labels as `name=value`, separated by commas. A host passes a list. */
export function labelPairs(): SettingRule<Pairs> {
  return pairRule(
    'labels like `cluster=eu-1,env=production` whose values have no comma, or `none`',
    'a list of labels like `cluster=eu-1`',
    (name, value) => LABEL_NAME.test(name) && LABEL_VALUE.test(value) && value.isWellFormed(),
  );
}

/** Allows HTTP headers as `name=value`, separated by commas. They are secrets, because a header may contain a token. */
export function headerPairs(): SettingRule<Pairs> {
  return {
    ...pairRule(
      'headers like `X-Scope-OrgID=team-a`, separated by commas and without those that every request has',
      'a list of headers like `X-Scope-OrgID=team-a`, without those that every request has',
      (name, value) => HEADER_NAME.test(name) && !OWN_HEADERS.has(name.toLowerCase()) && HEADER_VALUE.test(value),
    ),
    mask: () => '***',
    isSecret: true,
  };
}

/** Returns the values of the pairs by their names. */
export function textsByName(pairs: Pairs): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const pair of pairs) {
    const { name, value } = split(pair);
    texts[name] = value;
  }
  return texts;
}

function pairRule(
  allowed: string,
  allowedOption: string,
  isPair: (name: string, value: string) => boolean,
): SettingRule<Pairs> {
  const areAllowed = (pairs: readonly unknown[]): pairs is Pairs => {
    if (pairs.length > MAX_PAIRS) return false;
    const names = new Set<string>();
    for (const pair of pairs) {
      if (typeof pair !== 'string' || pair.length > MAX_PAIR_LENGTH || !pair.includes('=')) return false;
      const { name, value } = split(pair);
      if (!isPair(name, value) || names.has(name.toLowerCase())) return false;
      names.add(name.toLowerCase());
    }
    return true;
  };
  return {
    allowed,
    allowedOption,
    read: (text) => {
      if (text.toLowerCase() === NO_PAIRS) return [];
      if (text.length > MAX_PAIRS * MAX_PAIR_LENGTH) return undefined;
      const pairs = text.split(',').map((pair) => pair.trim());
      return areAllowed(pairs) ? pairs : undefined;
    },
    accepts: (value) => Array.isArray(value) && areAllowed(value),
  };
}

function split(pair: string): { readonly name: string; readonly value: string } {
  const equals = pair.indexOf('=');
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}
