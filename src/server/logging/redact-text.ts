/** The replacement for a secret. */
export const REDACTED = '***';

/** Matches our own secrets, which belong to tokens, sessions and one-time sign-in links; see `api-tokens/`. */
const OWN_SECRET = /(cm[ksl]_)[\w-]{20,}/g;

/** Matches the secret of an Unleash token `project:environment.secret`. The rest is kept, to identify the token. */
const UNLEASH_SECRET = /(:[^\s:.]+\.)[\da-f]{20,}[\w-]*/gi;

/** Matches Unleash's second format, `prefix.v2_selector_verifier`. */
const UNLEASH_V2_SECRET = /v2_[\w-]{22}_[\w-]{43}/g;

/** Matches a connection URL up to the next blank, because the end of a badly encoded password can't be determined. */
const POSTGRES_URL = /(postgres(?:ql)?:\/\/)(\S+)/gi;

/** Masks everything in a text that looks like a secret. All patterns run in linear time, because logged texts may be long. */
export function redactText(text: string): string {
  return text
    .replace(POSTGRES_URL, (_, scheme: string, rest: string) => scheme + redactConnection(rest))
    .replace(OWN_SECRET, `$1${REDACTED}`)
    .replace(UNLEASH_V2_SECRET, `v2_${REDACTED}`)
    .replace(UNLEASH_SECRET, `$1${REDACTED}`);
}

/**
 * Masks the password in a URL without its scheme. The password may be between the first colon and the last `@`, or a parameter.
 */
function redactConnection(text: string): string {
  const colon = text.indexOf(':');
  const at = text.lastIndexOf('@');
  const masked = colon >= 0 && colon < at ? `${text.slice(0, colon)}:${REDACTED}${text.slice(at)}` : text;
  return masked.replace(/([?&](?:ssl)?password=)[^&\s]+/gi, `$1${REDACTED}`);
}
