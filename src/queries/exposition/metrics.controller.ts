import { Controller, Get, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { Exposition } from './exposition.js';
import { ScrapeGuard } from './scrape.guard.js';
import { ScrapeHandOver } from './scrape-hand-over.js';
import { negotiateScrape } from './format/scrape-negotiation.js';
import { SharedExpositions } from './shared-expositions.js';

/** Serves the exposition at the path that Prometheus scrapes by default, and at the path where Unleash serves its own metrics. */
@ApiTags('exposition')
@Controller(['metrics', 'internal-backstage/prometheus'])
@UseFilters(ErrorAnswerFilter)
@UseGuards(ScrapeGuard)
export class MetricsController {
  constructor(
    private readonly page: Exposition,
    private readonly handOver: ScrapeHandOver,
    private readonly sharedExpositions: SharedExpositions,
  ) {}

  /** Returns the live values of all series, as `Accept` prefers: in text format 0.0.4 or 1.0.0, or OpenMetrics 1.0.0 or 0.0.1. */
  @Get()
  @ApiOperation({ security: [{}, { token: [] }] })
  @ApiProduces('text/plain', 'application/openmetrics-text')
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (await this.handOver.isHandedOver(request, response)) return;
    const { format, escaping, contentType } = negotiateScrape(request.headers.accept);
    await this.sharedExpositions.send(request, response, {
      name: 'metrics',
      contentType,
      write: () => this.page.write(format, escaping),
    });
  }
}
