import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { withDeadline } from '../../database/outage.js';
import { usableWait } from '../../database/store-wait.js';
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
  private running: Promise<ListedToken[]> | undefined;
  private next: Promise<ListedToken[]> | undefined;

  constructor(
    private readonly tokens: ApiTokensService,
    private readonly usage: TokenUsage,
    private readonly repository: TokenUsageRepository,
    private readonly catalog: Catalog,
    @Inject(CUSTOM_METRICS_OPTIONS)
    private readonly options: { readonly store: Pick<CustomMetricsOptions['store'], 'waitMs'> },
  ) {}

  /**
   * Lists all tokens. Requests that arrive while a list is read share the next one, because each takes three statements, and sixty
   * requests at once would keep all processors busy. A push that was answered before the request is counted.
   */
  list(): Promise<ListedToken[]> {
    if (this.running === undefined) return this.run();
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.run();
      });
    return this.next;
  }

  private run(): Promise<ListedToken[]> {
    // Nobody waits longer. On a connection that has gone silent, a read would otherwise make later requests wait for it.
    const running = withDeadline(this.read(), usableWait(this.options.store.waitMs)).finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }

  private async read(): Promise<ListedToken[]> {
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
