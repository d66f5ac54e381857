import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions, type TokenSeed } from '../custom-metrics.options.js';
import type { NewApiToken } from './api-token.js';
import type { FirstTokens } from '../settings/first-tokens-keeper.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { createSecret, hashSecret } from './token-secret.js';

const ADMIN: NewApiToken = { name: 'first admin token', scopes: ['admin', 'read', 'scrape'] };
const INGEST: NewApiToken = { name: 'first ingest token', scopes: ['ingest'] };

/** The scopes that a token of each Unleash kind gets in this service. */
const SEEDED_SCOPES: Readonly<Record<TokenSeed['kind'], NewApiToken['scopes']>> = {
  admin: ADMIN.scopes,
  backend: INGEST.scopes,
  frontend: ['frontend'],
};

/**
 * Creates the first tokens, if there has never been a token. At the start, these are the seeds from the settings (as in Unleash)
 * or, if the options name a keeper, an admin token and an ingest token whose secrets the keeper stores. The code of a host can
 * also ask for an admin token and an ingest token.
 */
@Injectable()
export class FirstTokensService {
  /** @internal */
  constructor(
    private readonly repository: ApiTokenRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Creates one token for administration, reading and scraping, and one for pushing, unless there has ever been a token. Only
   * the result contains their secrets, which are neither printed nor stored.
   *
   * @returns the secrets; undefined if there has been a token already
   */
  async createIfNone(): Promise<FirstTokens | undefined> {
    const secrets = { admin: createSecret(), ingest: createSecret() };
    return (await this.store(secrets)) ? secrets : undefined;
  }

  /**
   * Creates the seeds, or an admin token and an ingest token whose secrets the keeper stores, unless there has ever been a token.
   * Without seeds and without a keeper, no tokens are created, because nobody would learn their secrets. The code of a host can
   * call {@link createIfNone} instead.
   */
  async createAtStart(): Promise<void> {
    const { seeds, keeper } = this.options.tokens;
    if (seeds.length > 0) {
      await this.repository.createIfNone(
        seeds.map(({ secret, kind }) => ({ token: seededToken(secret, kind), hash: hashSecret(secret) })),
      );
      return;
    }
    if (keeper === undefined || (await this.repository.hasAny())) return;
    const secrets = { admin: createSecret(), ingest: createSecret() };
    if (!(await keeper.keep(secrets))) return;
    if (!(await this.store(secrets))) await keeper.discard();
  }

  private store({ admin, ingest }: FirstTokens): Promise<boolean> {
    return this.repository.createIfNone([
      { token: ADMIN, hash: hashSecret(admin) },
      { token: INGEST, hash: hashSecret(ingest) },
    ]);
  }
}

/** Matches the part of an Unleash token that is not secret, and the dot after it: `project:environment.` */
const NOT_SECRET = /^([^.:]{0,100}:[^.:]{0,100})\./;

/** Returns the token for a seed. Its name contains the part that is not secret, if the seed has the form of an Unleash token. */
function seededToken(secret: string, kind: TokenSeed['kind']): NewApiToken {
  const origin = NOT_SECRET.exec(secret)?.[1];
  return { name: origin === undefined ? `${kind} seed` : `${kind} ${origin}`, scopes: SEEDED_SCOPES[kind] };
}
