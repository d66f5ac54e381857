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

/** Receives expositions as any Prometheus client library writes them. */
@ApiTags('push')
@Controller('api/push')
@UseFilters(ErrorAnswerFilter)
export class PrometheusPushController {
  constructor(private readonly pages: PrometheusPushService) {}

  /** Stores an exposition: text format 0.0.4, or OpenMetrics if the content type says so. All samples are stored, or none. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('ingest')
  @PageBody()
  @ApiAcceptedResponse({ description: 'Committed' })
  @ApiBadRequestResponse({
    description: 'The exposition is malformed or one of its samples was refused; nothing was stored',
  })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async push(@Page() page: ReceivedPage, @CurrentToken() token: ApiToken): Promise<void> {
    await this.pages.push(page, token);
  }
}
