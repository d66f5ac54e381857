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
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { PrometheusPushService } from './prometheus-push.service.js';
import { Exposition, ExpositionBody, type ReceivedExposition } from './exposition-format/received-exposition.js';

/** Receives expositions in the formats that Prometheus client libraries write. */
@ApiTags('push')
@Controller('api/push')
@UseFilters(ErrorAnswerFilter)
export class PrometheusPushController {
  constructor(private readonly service: PrometheusPushService) {}

  /**
   * Stores an exposition in text format 0.0.4, or in OpenMetrics if the content type says so. Either all samples are stored, or
   * none.
   */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('ingest')
  @ExpositionBody()
  @ApiAcceptedResponse({ description: 'Committed' })
  @ApiBadRequestResponse({
    description: 'The exposition is malformed or one of its samples was refused; nothing was stored',
  })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async push(@Exposition() exposition: ReceivedExposition, @CurrentToken() token: ApiToken): Promise<void> {
    await this.service.push(exposition, token);
  }
}
