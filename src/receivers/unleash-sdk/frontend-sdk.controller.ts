import { Controller, Get, HttpCode, HttpStatus, Options, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { RequestBody } from '../../http/request-parts.js';
import { TogglesResponse } from './dto/features.response.js';
import { SdkMetricsDto } from './dto/sdk-metrics.dto.js';
import { EMPTY_TOGGLES } from './empty-flags.js';
import { SdkJsonBody } from './sdk-json-body.js';
import { SdkMetricsPipe } from './sdk-metrics.pipe.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** Serves the HTTP interface that Unleash's browser SDKs use; see {@link FrontendCorsMiddleware} for CORS. */
@ApiTags('unleash')
@Controller('api/frontend')
@UseFilters(ErrorAnswerFilter)
export class FrontendSdkController {
  constructor(
    private readonly sdkMetrics: SdkMetricsService,
    private readonly upstream: UnleashUpstream,
  ) {}

  /** Answers CORS preflight requests, which browsers send without a token. */
  @Options(['', 'client/metrics', 'client/register'])
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiExcludeEndpoint()
  preflight(): void {
    // The middleware has set all headers.
  }

  /**
   * Stores the impact metrics of a web page. The answer is sent after the commit, and is 200 even if some of them were refused.
   */
  @Post('client/metrics')
  @HttpCode(HttpStatus.OK)
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('frontend')
  @SdkJsonBody()
  @ApiBody({ type: SdkMetricsDto })
  @ApiOkResponse({ description: 'Committed' })
  async ingest(
    @RequestBody(SdkMetricsPipe) { impactMetrics }: SdkMetricsDto,
    @CurrentToken() token: ApiToken,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    await this.sdkMetrics.ingest(impactMetrics, token);
    response.type('text/plain');
    return 'OK';
  }

  /**
   * Accepts the registration of a web page. Nothing is stored. With UNLEASH_UPSTREAM_URL, the request is forwarded to Unleash.
   */
  @Post('client/register')
  @RequireScope('frontend')
  @ApiOkResponse({ description: 'Accepted; the body is ignored' })
  async register(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/frontend/client/register');
    else response.status(HttpStatus.OK).type('text/plain').send('OK');
  }

  /** Returns an empty list of flags or, with UNLEASH_UPSTREAM_URL, the list of Unleash. */
  @Get()
  @RequireScope('frontend')
  @ApiOkResponse({ type: TogglesResponse })
  async toggles(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (this.upstream.isThere) await this.upstream.forward(request, response, '/api/frontend');
    else EMPTY_TOGGLES.send(request, response);
  }

  /** Returns the same list as GET, for a context that is too long for a URL. */
  @Post()
  @RequireScope('frontend')
  @ApiOkResponse({ type: TogglesResponse })
  togglesOfContext(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.toggles(request, response);
  }
}
