import {
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { RequestBody } from '../../http/request-parts.js';
import { EdgeMetricsDto } from './dto/edge-metrics.dto.js';
import { FeaturesResponse } from './dto/features.response.js';
import { SdkMetricsDto } from './dto/sdk-metrics.dto.js';
import { EMPTY_FEATURES } from './empty-flags.js';
import { SdkJsonBody } from './sdk-json-body.js';
import { EdgeMetricsPipe, SdkMetricsPipe } from './sdk-metrics.pipe.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** Serves the HTTP interface that Unleash's server-side SDKs and Unleash Edge use. */
@ApiTags('unleash')
@Controller('api/client')
@UseFilters(ErrorAnswerFilter)
@RequireScope('ingest')
export class ClientSdkController {
  constructor(
    private readonly sdkMetrics: SdkMetricsService,
    private readonly upstream: UnleashUpstream,
  ) {}

  /** Stores the impact metrics of an SDK. The answer is sent after the commit, and is 202 even if some of them were refused. */
  @Post('metrics')
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @SdkJsonBody()
  @ApiBody({ type: SdkMetricsDto })
  @ApiAcceptedResponse({ description: 'Committed' })
  ingest(
    @RequestBody(SdkMetricsPipe) { impactMetrics }: SdkMetricsDto,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    return this.sdkMetrics.ingest(impactMetrics, token);
  }

  /** Stores the impact metrics that Unleash Edge has collected from its SDKs. */
  @Post('metrics/bulk')
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @SdkJsonBody()
  @ApiBody({ type: EdgeMetricsDto })
  @ApiAcceptedResponse({ description: 'Committed' })
  ingestBulk(
    @RequestBody(EdgeMetricsPipe) { impactMetrics }: EdgeMetricsDto,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    return this.sdkMetrics.ingest(impactMetrics, token);
  }

  /** Accepts the registration of an SDK. Nothing is stored. With UNLEASH_UPSTREAM_URL, the request is forwarded to Unleash. */
  @Post('register')
  @ApiAcceptedResponse({ description: 'Accepted; the body is ignored' })
  async register(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/client/register');
    else response.status(HttpStatus.ACCEPTED).end();
  }

  /** Returns an empty list of flags or, with UNLEASH_UPSTREAM_URL, the list of Unleash. */
  @Get('features')
  @ApiOkResponse({ type: FeaturesResponse })
  async features(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/client/features');
    else EMPTY_FEATURES.send(request, response);
  }

  /** Returns the changes of flags since the last request. This route is available only with UNLEASH_UPSTREAM_URL. */
  @Get('delta')
  delta(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forwardOnly(request, response, '/api/client/delta');
  }

  /** Streams the changes of flags. This route is available only with UNLEASH_UPSTREAM_URL. */
  @Get('streaming')
  @ApiOperation({ summary: 'Streams the changes of flags; only with UNLEASH_UPSTREAM_URL.' })
  streaming(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forwardOnly(request, response, '/api/client/streaming');
  }

  private forwardOnly(request: Request, response: Response, path: string): Promise<void> {
    if (this.upstream.isThere) return this.upstream.forward(request, response, path);
    // Unleash also answers with 404 while streaming is off. SDKs then request the list of flags instead.
    throw new NotFoundException(
      `The path you were looking for (${path}) is not available: this service has no flags. Set UNLEASH_UPSTREAM_URL to an Unleash that has them.`,
    );
  }
}
