import { Controller, Get, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ExpositionPage } from './exposition-page.js';
import { CONTENT_TYPE, type ExpositionFormat } from './page-format.js';
import { ScrapeGuard } from './scrape.guard.js';
import { sendPage } from './send-page.js';

/** The page for Prometheus, at its usual path and at Unleash's. */
@ApiTags('exposition')
@Controller()
@UseGuards(ScrapeGuard)
export class MetricsController {
  constructor(private readonly page: ExpositionPage) {}

  /** Live values of all series. Text format 0.0.4, or OpenMetrics 1.0 if `Accept` asks for it. */
  @Get(['metrics', 'internal-backstage/prometheus'])
  @ApiOperation({ security: [{}, { token: [] }] })
  @ApiProduces('text/plain', 'application/openmetrics-text')
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    const format: ExpositionFormat =
      request.accepts('text/plain', 'application/openmetrics-text') === 'application/openmetrics-text'
        ? 'openmetrics'
        : 'text';
    await sendPage(request, response, CONTENT_TYPE[format], this.page.write(format));
  }
}
