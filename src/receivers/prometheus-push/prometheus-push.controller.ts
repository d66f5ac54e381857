import { Controller, HttpCode, HttpStatus, Post, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/ingest-rate-limit.guard.js';
import { PrometheusPushService } from './prometheus-push.service.js';
import { Page, PageBody, type ReceivedPage } from './exposition-format/received-page.js';

/** Pages in the exposition format, as any client library of Prometheus writes them. */
@ApiTags('push')
@Controller('api/push')
@UseFilters(ErrorAnswerFilter)
export class PrometheusPushController {
  constructor(private readonly pages: PrometheusPushService) {}

  /** Stores the samples of a page: text format 0.0.4, or OpenMetrics by its content type. Whole or not at all. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('ingest')
  @PageBody()
  @ApiAcceptedResponse({ description: 'Committed' })
  @ApiBadRequestResponse({ description: 'The page can not be read or not be taken; nothing was stored' })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async push(@Page() page: ReceivedPage, @CurrentToken() token: ApiToken): Promise<void> {
    await this.pages.push(page, token);
  }
}
