/** What an initial token is allowed to do. Unleash's old name for `backend` is `client`. */
export type InitialTokenKind = 'admin' | 'backend';

/** An Unleash token from the environment, created at the first start so that SDKs and scripts work at once. */
export interface InitialToken {
  /** The whole token, as the client sends it. */
  readonly token: string;
  /** The part before the colon; `*` is every project, `[]` several. */
  readonly project: string;
  /** The part between colon and dot; `*` is every environment. */
  readonly environment: string;
}

const TOKEN_FORMAT = /^([^:\s]+):([^.\s]+)\..+$/;

/** Reads `project:environment.secret`; `undefined` when the text has another shape. */
export function parseInitialToken(token: string): InitialToken | undefined {
  const [, project, environment] = TOKEN_FORMAT.exec(token) ?? [];
  return project === undefined || environment === undefined ? undefined : { token, project, environment };
}

/**
 * Reads a comma-separated list of tokens of one kind.
 *
 * Admin tokens must be `*:*.…` and backend tokens must name one environment: Unleash refuses to start otherwise, and a
 * list that works here should work there.
 *
 * @returns `undefined` when any of them is malformed or of the wrong kind.
 */
export function parseInitialTokens(text: string, kind: InitialTokenKind): readonly InitialToken[] | undefined {
  const tokens = splitTokens(text).map(parseInitialToken);
  return tokens.every((token) => token !== undefined && isOfKind(token, kind))
    ? (tokens as InitialToken[]) // `every` can't narrow the elements through `&&`
    : undefined;
}

/** Shows which tokens are in a list without their secrets; a malformed one may be all secret and shows nothing. */
export function maskInitialTokens(text: string): string {
  return splitTokens(text)
    .map(parseInitialToken)
    .map((token) => (token ? `${token.project}:${token.environment}.***` : '***'))
    .join(', ');
}

function splitTokens(text: string): string[] {
  return text.split(',').map((token) => token.trim());
}

function isOfKind({ project, environment }: InitialToken, kind: InitialTokenKind): boolean {
  return kind === 'admin' ? project === '*' && environment === '*' : environment !== '*';
}
