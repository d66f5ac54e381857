import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions, type TokenSeed } from '../custom-metrics.options.js';
import type { NewApiToken } from './api-token.js';
import type { FirstTokens } from '../settings/first-tokens-keeper.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { createSecret, hashSecret } from './token-secret.js';

const ADMIN: NewApiToken = { name: 'first admin token', scopes: ['admin', 'read', 'scrape'] };
const INGEST: NewApiToken = { name: 'first ingest token', scopes: ['ingest'] };

/** The scopes that each kind of Unleash token gets here. */
const SEEDED_SCOPES: Readonly<Record<TokenSeed['kind'], NewApiToken['scopes']>> = {
  admin: ADMIN.scopes,
  backend: INGEST.scopes,
  frontend: ['frontend'],
};

/** Fills an empty token table with the operator's seeds, as Unleash does, or with one admin token and one ingest token. */
@Injectable()
export class FirstTokensService {
  /** The secrets to show if this start created the tokens. */
  created: FirstTokens | undefined;

  constructor(
    private readonly repository: ApiTokenRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Creates the first tokens, unless there has ever been a token. */
  async createIfNone(): Promise<void> {
    const { seeds } = this.options.tokens;
    if (seeds.length > 0) {
      await this.repository.createIfNone(
        seeds.map(({ secret, kind }) => ({ token: seededToken(secret, kind), hash: hashSecret(secret) })),
      );
      return;
    }
    if (await this.repository.hasAny()) return;
    const { keeper } = this.options.tokens;
    const secrets = { admin: createSecret(), ingest: createSecret() };
    if ((await keeper?.keep(secrets)) === false) return;
    const isCreated = await this.repository.createIfNone([
      { token: ADMIN, hash: hashSecret(secrets.admin) },
      { token: INGEST, hash: hashSecret(secrets.ingest) },
    ]);
    if (isCreated) this.created = secrets;
    else await keeper?.discard();
  }
}

/** Creates a token for a seed. Its name contains the part of an Unleash token that is not secret: `project:environment`. */
function seededToken(secret: string, kind: TokenSeed['kind']): NewApiToken {
  const name = `${kind} ${secret.slice(0, secret.indexOf('.'))}`;
  return { name, scopes: SEEDED_SCOPES[kind] };
}
