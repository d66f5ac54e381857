import { Module, type OnModuleInit } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { HttpModule } from '../http/http.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { ApiTokensService } from './api-tokens.service.js';
import { FirstTokensService } from './first-tokens.js';
import { OpenRequests } from './limits/open-requests.js';
import { RateLimiter } from './limits/rate-limiter.js';
import { SenderTokens } from './sender-tokens.js';
import { RefusalsModule } from '../refusals/refusals.module.js';
import { RequestAdmission } from './request-admission.js';
import { RequestAuthorization } from './request-authorization.js';
import { SessionSweeper } from './sessions/session-sweeper.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInLinks } from './sessions/sign-in-links.js';
import { TokenChangeLog } from './token-change-log.js';
import { TokenListing } from './usage/token-listing.js';
import { TokenUsage } from './usage/token-usage.js';
import { TokenUsageRepository } from './usage/token-usage.repository.js';

/** Manages tokens, checks them, and limits their requests. */
@Module({
  imports: [DatabaseModule, HttpModule, SchedulingModule, RefusalsModule, CatalogModule],
  providers: [
    ApiTokenRepository,
    ApiTokensService,
    FirstTokensService,
    OpenRequests,
    RequestAdmission,
    RequestAuthorization,
    SenderTokens,
    SessionRepository,
    SessionsService,
    SessionSweeper,
    SignInLinks,
    TokenChangeLog,
    TokenUsageRepository,
    TokenUsage,
    TokenListing,
    {
      provide: RateLimiter,
      inject: [CUSTOM_METRICS_OPTIONS],
      useFactory: (options: CustomMetricsOptions) => new RateLimiter(options.ingest.rateLimitPerMinute),
    },
  ],
  exports: [
    ApiTokensService,
    FirstTokensService,
    OpenRequests,
    RequestAdmission,
    RateLimiter,
    SessionsService,
    SignInLinks,
    TokenChangeLog,
    TokenUsage,
    TokenListing,
    // ApiTokenGuard needs RefusedRequests in every module that imports this one.
    RefusalsModule,
  ],
})
export class ApiTokensModule implements OnModuleInit {
  constructor(private readonly firstTokens: FirstTokensService) {}

  /** Creates the first tokens before the server listens, so that the first push finds its token. */
  async onModuleInit(): Promise<void> {
    await this.firstTokens.createAtStart();
  }
}
