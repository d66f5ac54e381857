import { Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import type { ApiToken } from '../api-token.js';
import { ApiTokensService } from '../api-tokens.service.js';
import { TokenUsage } from './token-usage.js';
import { type StoredUsage, TokenUsageRepository } from './token-usage.repository.js';

/** A token with its numbers of series and samples. */
export interface ListedToken {
  readonly token: ApiToken;
  /** The number of series that the token has created. */
  readonly seriesCount: number;
  /** The numbers of samples, or undefined if none were pushed. */
  readonly usage: StoredUsage | undefined;
}

/** Lists tokens with their usage. */
@Injectable()
export class TokenListing {
  constructor(
    private readonly tokens: ApiTokensService,
    private readonly usage: TokenUsage,
    private readonly repository: TokenUsageRepository,
    private readonly catalog: Catalog,
  ) {}

  async list(): Promise<ListedToken[]> {
    // The counts of this process are written first, so that a push is counted right after its answer.
    // A failure is ignored, because the list is needed to find a token that leaked.
    await this.usage.write().catch(() => undefined);
    const usages = await this.repository.findAll();
    return (await this.tokens.list()).map((token) => ({
      token,
      seriesCount: this.catalog.seriesCountOfToken(token.id),
      usage: usages.get(token.id),
    }));
  }
}
