import { parseArgs } from 'node:util';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { DataSource } from 'typeorm';
import type { DatabaseSchema } from '../database/schema/database-schema.js';
import { DatabaseClock } from '../database/database-clock.js';
import { KnownDatabase } from '../database/known-database.js';
import { type ExplorerAddress, parsePublicUrl, signInLink } from './welcome/explorer-link.js';
import { UsageError } from './usage.error.js';
import type { ApiToken } from '../api-tokens/api-token.js';
import { ApiTokenRepository } from '../api-tokens/api-token.repository.js';
import { ApiTokensService } from '../api-tokens/api-tokens.service.js';
import { CreateApiTokenDto } from '../api-tokens/dto/create-api-token.dto.js';
import { SessionRepository } from '../api-tokens/sessions/session.repository.js';
import { SIGN_IN_LINK_SECONDS, SignInLinks } from '../api-tokens/sessions/sign-in-links.js';

export const TOKEN_USAGE = `  custom-metrics tokens create --name NAME --scope ingest|frontend|read|scrape|admin [--scope …]
                               [--label name=value …] [--temporality delta|cumulative] [--expires 2027-01-01T00:00:00Z]
  custom-metrics tokens list
  custom-metrics tokens revoke ID
  custom-metrics tokens link [--token ID] [--url https://metrics.example.org]`;

/** The address of the explorer according to the settings. With PORT=0, the URL is unknown, because the server takes any port. */
export type ExplorerOfSettings = Pick<ExplorerAddress, 'path'> & Partial<ExplorerAddress>;

/**
 * Creates, lists or revokes tokens, or makes a link that signs in, with the same service as the admin API.
 *
 * @returns the text to print
 * @throws UsageError if the arguments are invalid
 */
export async function runTokenCommand(
  [action, ...rest]: readonly string[],
  dataSource: DataSource,
  schema: DatabaseSchema,
  explorer: ExplorerOfSettings | undefined,
): Promise<string> {
  // This process does not remember ids, so it accepts any database.
  const known = new KnownDatabase(schema);
  const tokens = new ApiTokensService(new ApiTokenRepository(dataSource, known, schema), known, new DatabaseClock());
  switch (action) {
    case 'create': {
      const { token, secret } = await tokens.create(parseNewToken(rest).toNewApiToken());
      return `Token ${token.id} (${token.name}; ${token.scopes.join(', ')}). Its secret is shown only once:\n${secret}`;
    }
    case 'list': {
      const all = await tokens.list();
      return all.length === 0 ? 'There are no tokens.' : all.map(describe).join('\n');
    }
    case 'revoke': {
      const id = Number(rest[0]);
      if (!Number.isInteger(id)) throw new UsageError('revoke needs the id of a token; `tokens list` shows the ids');
      return (await tokens.revoke(id))
        ? `Token ${id} is revoked.`
        : `Token ${id} does not exist or is already revoked.`;
    }
    case 'link':
      return makeLink(rest, new SignInLinks(new SessionRepository(dataSource, known, schema)), explorer);
    case undefined:
      throw new UsageError('tokens needs an action.');
    default:
      throw new UsageError(`There is no action ${action}.`);
  }
}

/** @param explorer the address of the explorer; undefined if it is switched off */
async function makeLink(
  args: readonly string[],
  links: SignInLinks,
  explorer: ExplorerOfSettings | undefined,
): Promise<string> {
  const { values } = parseArgs({ args: [...args], options: { token: { type: 'string' }, url: { type: 'string' } } });
  if (explorer === undefined) throw new UsageError('The explorer is switched off by EXPLORER=false.');
  const url = values.url === undefined ? explorer.url : parsePublicUrl(values.url);
  if (url === undefined) throw new UsageError('PORT is 0, so link needs the --url of the server.');
  const tokenId = values.token === undefined ? undefined : Number(values.token);
  if (tokenId !== undefined && !isId(tokenId)) {
    throw new UsageError('--token needs the id of a token; `tokens list` shows the ids');
  }
  const link = await links.create(tokenId);
  if (link === undefined) {
    const needed = 'a token with the scope read or admin that is neither revoked nor expired';
    throw new UsageError(tokenId === undefined ? `A link needs ${needed}.` : `Token ${tokenId} is not ${needed}.`);
  }
  return [
    `This link signs in once, within ${SIGN_IN_LINK_SECONDS / 60} minutes, for the token "${link.tokenName}":`,
    signInLink({ ...explorer, url }, link.secret),
  ].join('\n');
}

/** The largest value of an int4 column. */
const MAX_ID = 2 ** 31 - 1;

function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= MAX_ID;
}

function parseNewToken(args: readonly string[]): CreateApiTokenDto {
  const { values } = parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      scope: { type: 'string', multiple: true },
      label: { type: 'string', multiple: true },
      temporality: { type: 'string' },
      expires: { type: 'string' },
    },
  });
  const dto = plainToInstance(CreateApiTokenDto, {
    name: values.name,
    scopes: values.scope?.flatMap((scopes) => scopes.split(',')),
    labels: values.label && Object.fromEntries(values.label.map(splitLabel)),
    defaultTemporality: values.temporality,
    expiresAt: values.expires,
  });
  const problems = validateSync(dto).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return dto;
}

function splitLabel(label: string): [string, string] {
  const separator = label.indexOf('=');
  if (separator < 1) throw new UsageError(`A label is name=value, not ${label}.`);
  return [label.slice(0, separator), label.slice(separator + 1)];
}

function describe({ id, name, scopes, labels, expiresAt, revokedAt, lastUsedAt }: ApiToken): string {
  const labelText = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const state = [
    revokedAt && `revoked ${revokedAt.toISOString()}`,
    expiresAt && `expires ${expiresAt.toISOString()}`,
    lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used',
  ].filter(Boolean);
  return [id, name, scopes.join(','), labelText.join(','), state.join(', ')].filter((text) => text !== '').join('  ');
}
