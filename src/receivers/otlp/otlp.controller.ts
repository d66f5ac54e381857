import { Controller, HttpCode, HttpStatus, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { ExportMetricsResponse } from './dto/export-metrics.response.js';
import { CurrentOtlpBody, type OtlpBody, ReadsOtlp } from './encoding/otlp-body.js';
import { encodeMessage } from './encoding/otlp-encoding.js';
import { OtlpErrorFilter } from './otlp-error.filter.js';
import { EXPORT_RESPONSE } from './encoding/otlp-schema.js';
import { OtlpService } from './otlp.service.js';
import { responseOf } from './partial-success.js';

/** Receives metrics from OpenTelemetry exporters over OTLP/HTTP. */
@ApiTags('push')
@Controller('v1/metrics')
@UseFilters(OtlpErrorFilter)
export class OtlpController {
  constructor(private readonly otlp: OtlpService) {}

  /** Stores an export of OpenTelemetry metrics. The answer is sent after the commit, in the encoding of the request. */
  @Post()
  @HttpCode(HttpStatus.OK)
  // Decorators apply from the bottom up: the token is checked first, and then the request counts against the rate limit.
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('ingest')
  @ReadsOtlp()
  @ApiOkResponse({
    type: ExportMetricsResponse,
    description: 'Committed. partialSuccess is set if some data points were refused; they must not be sent again',
  })
  @ApiBadRequestResponse({ description: 'The body is not a valid metrics export; nothing was stored' })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async export(
    @CurrentOtlpBody() body: OtlpBody,
    @CurrentToken() token: ApiToken,
    @Res() response: Response,
  ): Promise<void> {
    const rejection = await this.otlp.export(body, token);
    const { mediaType, bytes } = encodeMessage(EXPORT_RESPONSE, responseOf(rejection), body.encoding);
    // `setHeader` is used because Express' `set` would add a charset to JSON.
    response.setHeader('Content-Type', mediaType).end(bytes);
  }
}
