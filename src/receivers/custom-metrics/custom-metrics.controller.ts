import {
  All,
  Controller,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiExcludeEndpoint,
  ApiHeader,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { JsonBody } from '../../http/bodies/json-body.js';
import { RequestBody } from '../../http/request-parts.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { CustomMetricsService } from './custom-metrics.service.js';
import { IngestReportResponse } from './dto/ingest-report.response.js';
import { MetricBatchDto } from './dto/metric-batch.dto.js';
import { CurrentIdentity, IdempotencyKeyGuard } from './idempotency-key.guard.js';
import { REPLAYED_HEADER, type RequestIdentity } from './idempotency-key.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';
import { PrefersStrict } from './prefers-strict.decorator.js';

/** Serves the HTTP interface of Unleash's former custom metrics endpoint. */
@ApiTags('push')
@Controller('api/client/metrics/custom')
@UseFilters(ErrorAnswerFilter)
export class CustomMetricsController {
  constructor(private readonly customMetrics: CustomMetricsService) {}

  /** Stores samples. The answer is sent after the commit. Its body is empty if every item was accepted. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  // Decorators apply from the bottom up: the token is checked first, and then the request counts against the rate limit.
  @UseGuards(IngestRateLimitGuard, IdempotencyKeyGuard)
  @RequireScope('ingest')
  @JsonBody()
  @ApiBody({ type: MetricBatchDto })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    example: 'handling=strict',
    description: 'One bad item refuses the whole batch (RFC 7240)',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    example: '9b2f7c1e-4d0a-4c55-8f0e-2f6f5b0c7a11',
    description:
      'Names the request, so that it can be sent again without being stored again: 1 to 255 visible ASCII characters, ' +
      'bare or in quotes, remembered for IDEMPOTENCY_RETENTION',
  })
  @ApiAcceptedResponse({
    type: IngestReportResponse,
    description: 'Committed. There is a body only if some items were refused',
    headers: {
      [REPLAYED_HEADER]: {
        description: '`true` if a request with the same Idempotency-Key was committed before, and this is its answer',
        schema: { type: 'string', enum: ['true'] },
      },
    },
  })
  @ApiBadRequestResponse({ description: 'The body does not fit the schema; nothing was stored' })
  @ApiUnprocessableEntityResponse({ description: 'The Idempotency-Key belongs to a request with another body' })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async ingest(
    @RequestBody(MetricBatchPipe) samples: readonly IncomingSample[],
    @CurrentToken() token: ApiToken,
    @CurrentIdentity() identity: RequestIdentity | undefined,
    @PrefersStrict() isStrict: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IngestReportResponse | undefined> {
    const { report, isReplay } = await this.customMetrics.ingest(samples, token, isStrict, identity);
    if (isReplay) response.setHeader(REPLAYED_HEADER, 'true');
    return report;
  }

  /** Answers any other method with 404 if there is a valid token, and with 401 otherwise. Unleash never answers with 405. */
  @All()
  @RequireScope()
  @ApiExcludeEndpoint()
  refuseOtherMethods(@Req() request: Request): never {
    throw new NotFoundException(`The path you were looking for (${request.method} ${request.path}) is not available.`);
  }
}
