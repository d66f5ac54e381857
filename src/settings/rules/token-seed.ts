/** The permissions of an initial token. Unleash's old name for `backend` is `client`. */
export type TokenKind = 'admin' | 'backend' | 'frontend';

/** An Unleash token from the settings. It is created at the first start, so that SDKs and scripts work immediately. */
export interface TokenSeed {
  /** The whole token, as the client sends it. */
  readonly secret: string;
  readonly kind: TokenKind;
}

/** Matches `project:environment.secret`. A project or environment of `*` stands for all of them. */
const TOKEN_FORMAT = /^([^:\s]+):([^.\s]+)\..+$/;

/**
 * Reads a comma-separated list of tokens of one kind.
 *
 * Admin tokens must be `*:*.…`, and backend and frontend tokens must name one environment. Unleash refuses to start with any
 * other tokens, and a list that works here should also work there.
 *
 * @returns `undefined` if any of them is malformed or of the wrong kind.
 */
export function parseTokenSeeds(text: string, kind: TokenKind): readonly TokenSeed[] | undefined {
  const secrets = splitTokens(text);
  return secrets.every((secret) => isOfKind(secret, kind)) ? secrets.map((secret) => ({ secret, kind })) : undefined;
}

/** Replaces the secrets in a list of tokens. A malformed token is hidden completely, because all of it may be secret. */
export function maskTokenSeeds(text: string): string {
  return splitTokens(text)
    .map((token) => TOKEN_FORMAT.exec(token))
    .map((parts) => (parts ? `${parts[1]}:${parts[2]}.***` : '***'))
    .join(', ');
}

function splitTokens(text: string): string[] {
  return text.split(',').map((token) => token.trim());
}

function isOfKind(token: string, kind: TokenKind): boolean {
  const [, project, environment] = TOKEN_FORMAT.exec(token) ?? [];
  if (environment === undefined) return false;
  return kind === 'admin' ? project === '*' && environment === '*' : environment !== '*';
}
