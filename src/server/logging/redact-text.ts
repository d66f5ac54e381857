/** Stands where a secret was. */
export const REDACTED = '***';

/** Our own tokens; see `api-tokens/`. */
const OWN_TOKEN = /cmk_[\w-]{20,}/g;

/** The secret of an Unleash token `project:environment.secret`; the rest tells which token it was. */
const UNLEASH_SECRET = /(:[^\s:.]+\.)[\da-f]{20,}[\w-]*/gi;

/** Unleash's second format, `prefix.v2_selector_verifier`. */
const UNLEASH_V2_SECRET = /v2_[\w-]{22}_[\w-]{43}/g;

/** Up to the next blank: in a URL with a badly encoded password nobody knows where it ends. */
const POSTGRES_URL = /(postgres(?:ql)?:\/\/)(\S+)/gi;

/** Masks everything in a text that looks like a secret. Every pattern runs in linear time: what is logged may be long. */
export function redactText(text: string): string {
  return text
    .replace(POSTGRES_URL, (_, scheme: string, rest: string) => scheme + redactConnection(rest))
    .replace(OWN_TOKEN, `cmk_${REDACTED}`)
    .replace(UNLEASH_V2_SECRET, `v2_${REDACTED}`)
    .replace(UNLEASH_SECRET, `$1${REDACTED}`);
}

/** Masks the password in what follows the scheme: between the first colon and the last `@`, and as a parameter. */
function redactConnection(text: string): string {
  const colon = text.indexOf(':');
  const at = text.lastIndexOf('@');
  const masked = colon >= 0 && colon < at ? `${text.slice(0, colon)}:${REDACTED}${text.slice(at)}` : text;
  return masked.replace(/([?&](?:ssl)?password=)[^&\s]+/gi, `$1${REDACTED}`);
}
