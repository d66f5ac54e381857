import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Options,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/ingest-rate-limit.guard.js';
import { TogglesResponse } from './dto/features.response.js';
import { SdkMetricsDto } from './dto/sdk-metrics.dto.js';
import { EMPTY_TOGGLES } from './empty-flags.js';
import { SdkJsonBody } from './sdk-json-body.js';
import { SdkMetricsPipe } from './sdk-metrics.pipe.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** The wire of Unleash's SDKs in browsers; see FrontendCorsMiddleware. */
@ApiTags('unleash')
@Controller('api/frontend')
@UseFilters(ErrorAnswerFilter)
export class FrontendSdkController {
  constructor(
    private readonly sdkMetrics: SdkMetricsService,
    private readonly upstream: UnleashUpstream,
  ) {}

  /** A browser asks whether its page may do this. It sends no token with the question. */
  @Options(['', 'client/metrics', 'client/register'])
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiExcludeEndpoint()
  preflight(): void {
    // The middleware has said it all.
  }

  /** Stores the impact metrics of a page. The answer comes after the commit; it is 200 whatever is wrong with single ones. */
  @Post('client/metrics')
  @HttpCode(HttpStatus.OK)
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('frontend')
  @SdkJsonBody()
  @ApiBody({ type: SdkMetricsDto })
  @ApiOkResponse({ description: 'Committed' })
  async ingest(
    @Body(SdkMetricsPipe) { impactMetrics }: SdkMetricsDto,
    @CurrentToken() token: ApiToken,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    await this.sdkMetrics.ingest(impactMetrics, token);
    response.type('text/plain');
    return 'OK';
  }

  /** A page says that it is there. Nothing is kept of it; with UNLEASH_UPSTREAM_URL Unleash hears it. */
  @Post('client/register')
  @RequireScope('frontend')
  @ApiOkResponse({ description: 'Taken, and not looked at' })
  async register(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/frontend/client/register');
    else response.status(HttpStatus.OK).type('text/plain').send('OK');
  }

  /** No flags; with UNLEASH_UPSTREAM_URL those of Unleash. */
  @Get()
  @RequireScope('frontend')
  @ApiOkResponse({ type: TogglesResponse })
  async toggles(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/frontend');
    else EMPTY_TOGGLES.send(request, response);
  }

  /** The same, asked with a context too long for a URL. */
  @Post()
  @RequireScope('frontend')
  @ApiOkResponse({ type: TogglesResponse })
  togglesOfContext(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.toggles(request, response);
  }
}
