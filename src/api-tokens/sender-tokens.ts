import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { isOutage, waitOutOutage } from '../database/outage.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { StoreWait, timeLeft, usableWait } from '../database/store-wait.js';
import { isLabelRecord } from '../http/is-label-record.js';
import { type AdmittedToken, SCOPES } from './api-token.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { ApiTokensService } from './api-tokens.service.js';
import type { MetricsSender } from './host-guard.js';
import { SenderRevokedError, TooManySendersError } from './token-errors.js';
import { hashSenderName } from './token-secret.js';

const MAX_NAME_LENGTH = 200;

/**
 * Stores a row in the table of tokens for each sender that the host's guard admits. The id of the row is the same after a restart
 * and in every process, so everything that is counted or stored for a token also works for a sender. No request can use such a
 * row as its token, because its hash is computed from bytes that are not valid UTF-8. A sender whose row is revoked is refused.
 */
@Injectable()
export class SenderTokens {
  constructor(
    private readonly tokens: ApiTokensService,
    private readonly repository: ApiTokenRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Returns the token that stands for a sender. The row of a new sender is created.
   *
   * @throws SenderRevokedError, TooManySendersError, StoreUnavailableError
   */
  async tokenOf(sender: MetricsSender): Promise<AdmittedToken> {
    assertSender(sender);
    const { name, scopes, labels = {}, defaultTemporality = null } = sender;
    const hash = hashSenderName(name);
    const row = this.tokens.findByHash(hash) ?? (await this.createRow(name, hash));
    return { ...row, scopes, labels, defaultTemporality, isOfHost: true };
  }

  private async createRow(name: string, hash: Buffer): Promise<AdmittedToken> {
    const { maxSenders } = this.options.tokens;
    const waitMs = usableWait(this.options.store.waitMs);
    const wait = new StoreWait();
    try {
      const isThere = await waitOutOutage(() => this.repository.createSender(name, hash, maxSenders), waitMs, wait);
      if (!isThere) throw new TooManySendersError(maxSenders);
    } catch (error) {
      if (isOutage(error))
        throw new StoreUnavailableError('Postgres is unavailable, so a new sender cannot be registered.');
      throw error;
    }
    const row = await this.tokens.findCreated(hash, timeLeft(waitMs, wait));
    if (row === undefined) throw new SenderRevokedError();
    return { ...row, waitedMs: performance.now() - wait.startedAt };
  }
}

/** @throws Error, which is answered with status 500, because only the host's code can be wrong here */
function assertSender({ name, scopes, labels, defaultTemporality }: MetricsSender): void {
  const problem =
    typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH
      ? `a name that is not a text of 1 to ${MAX_NAME_LENGTH} characters`
      : !Array.isArray(scopes) || !scopes.every((scope) => SCOPES.includes(scope))
        ? `scopes that are not a list of ${SCOPES.join(', ')}`
        : labels !== undefined && !isLabelRecord(labels)
          ? 'labels that are not an object of label names and texts'
          : defaultTemporality !== undefined && !['delta', 'cumulative'].includes(defaultTemporality)
            ? 'a defaultTemporality that is neither delta nor cumulative'
            : undefined;
  if (problem !== undefined)
    throw new Error(`The guard of CustomMetricsModule has set a customMetricsSender with ${problem}.`);
}
