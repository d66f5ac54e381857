import {
  Body,
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
import { IngestRateLimitGuard } from '../../api-tokens/ingest-rate-limit.guard.js';
import { EdgeMetricsDto } from './dto/edge-metrics.dto.js';
import { FeaturesResponse } from './dto/features.response.js';
import { SdkMetricsDto } from './dto/sdk-metrics.dto.js';
import { EMPTY_FEATURES } from './empty-flags.js';
import { SdkJsonBody } from './sdk-json-body.js';
import { EdgeMetricsPipe, SdkMetricsPipe } from './sdk-metrics.pipe.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** The wire of Unleash's SDKs in servers, and of Unleash Edge. */
@ApiTags('unleash')
@Controller('api/client')
@UseFilters(ErrorAnswerFilter)
@RequireScope('ingest')
export class ClientSdkController {
  constructor(
    private readonly sdkMetrics: SdkMetricsService,
    private readonly upstream: UnleashUpstream,
  ) {}

  /** Stores the impact metrics of an SDK. The answer comes after the commit; it is 202 whatever is wrong with single ones. */
  @Post('metrics')
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @SdkJsonBody()
  @ApiBody({ type: SdkMetricsDto })
  @ApiAcceptedResponse({ description: 'Committed' })
  ingest(@Body(SdkMetricsPipe) { impactMetrics }: SdkMetricsDto, @CurrentToken() token: ApiToken): Promise<void> {
    return this.sdkMetrics.ingest(impactMetrics, token);
  }

  /** The same for what Unleash Edge has collected. */
  @Post('metrics/bulk')
  @HttpCode(HttpStatus.ACCEPTED)
  @UseGuards(IngestRateLimitGuard)
  @SdkJsonBody()
  @ApiBody({ type: EdgeMetricsDto })
  @ApiAcceptedResponse({ description: 'Committed' })
  ingestBulk(@Body(EdgeMetricsPipe) { impactMetrics }: EdgeMetricsDto, @CurrentToken() token: ApiToken): Promise<void> {
    return this.sdkMetrics.ingest(impactMetrics, token);
  }

  /** An SDK says that it is there. Nothing is kept of it; with UNLEASH_UPSTREAM_URL Unleash hears it. */
  @Post('register')
  @ApiAcceptedResponse({ description: 'Taken, and not looked at' })
  async register(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/client/register');
    else response.status(HttpStatus.ACCEPTED).end();
  }

  /** No flags; with UNLEASH_UPSTREAM_URL those of Unleash. */
  @Get('features')
  @ApiOkResponse({ type: FeaturesResponse })
  async features(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/client/features');
    else EMPTY_FEATURES.send(request, response);
  }

  /** Changes of flags since the last look; only with UNLEASH_UPSTREAM_URL. */
  @Get('delta')
  delta(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forwardOnly(request, response, '/api/client/delta');
  }

  /** Changes of flags as they happen; only with UNLEASH_UPSTREAM_URL. */
  @Get('streaming')
  @ApiOperation({ summary: 'Changes of flags as they happen; only with UNLEASH_UPSTREAM_URL.' })
  streaming(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forwardOnly(request, response, '/api/client/streaming');
  }

  private forwardOnly(request: Request, response: Response, path: string): Promise<void> {
    if (this.upstream.isThere) return this.upstream.forward(request, response, path);
    // What Unleash says while streaming is not switched on: SDKs then ask for the list of flags.
    throw new NotFoundException(
      `The path you were looking for (${path}) is not available: there are no flags here. Set UNLEASH_UPSTREAM_URL to an Unleash that has them.`,
    );
  }
}
