import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ApiTokensService, CustomMetrics, CustomMetricsHistory, HistoryError } from 'nestjs-custom-metrics';
import { type MountedRoute, mountedRoutes } from './mounted-routes.js';

/** Uses the package from the app's own code. The driver calls these routes over HTTP. */
@Controller('inside')
export class InsideController {
  constructor(
    @Inject(CustomMetrics) private readonly metrics: CustomMetrics,
    @Inject(CustomMetricsHistory) private readonly history: CustomMetricsHistory,
    @Inject(ApiTokensService) private readonly tokens: ApiTokensService,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  @Post('token')
  async createToken(): Promise<{ secret: string }> {
    const scopes = ['ingest', 'frontend', 'read', 'scrape'] as const;
    const { secret } = await this.tokens.create({ name: 'driver', scopes: [...scopes] });
    return { secret };
  }

  @Get('routes')
  routes(): MountedRoute[] {
    return mountedRoutes(this.modules);
  }

  /** Returns the body of the request, which the app's own parser has read. */
  @Post('echo')
  @HttpCode(200)
  echo(@Body() body: object): object {
    return body;
  }

  @Post('record')
  @HttpCode(200)
  async record(): Promise<object> {
    this.metrics.counter('inside_total', { help: 'Counted inside' }).add(2, { way: 'counter' });
    this.metrics.gauge('inside_level').set(5);
    this.metrics.histogram('inside_seconds', { buckets: [1] }).observe(0.5);
    await this.metrics.flush();
    const { accepted, rejected } = await this.metrics.push([
      { name: 'inside_pushed', value: 7, timestamp: new Date() },
      { name: 'inside_pushed', value: NaN },
    ]);
    return { accepted, reasons: rejected.map(({ reason }) => reason) };
  }

  @Get('history')
  async ask(): Promise<object> {
    const { metrics } = await this.history.metrics({ search: 'inside_pushed' });
    const { series } = await this.history.series({ metric: 'inside_total', labels: { way: 'counter' } });
    const { samples } = await this.history.samples({ metric: 'inside_pushed' });
    const points = await this.history.query({ metric: 'inside_total', aggregate: 'sum' });
    let csv = '';
    for await (const part of this.history.samplesCsv({ metric: 'inside_pushed' })) csv += part;
    const instant = await this.history.promql('inside_total');
    const range = await this.history.promqlRange('1 + 1', { start: new Date(0), end: new Date(1_000), step: 1 });
    const unknown = await this.history.series({ metric: 'insid_total' }).catch((error: unknown) => error);
    return {
      names: metrics.map(({ name }) => name),
      values: series.map(({ value }) => value),
      samples: samples.map(({ value }) => value),
      sum: points.series[0]?.points.reduce((sum, { value }) => sum + (value ?? 0), 0),
      csvLines: csv.split('\r\n').length,
      instant: instant.resultType === 'vector' ? instant.result.map(({ value }) => value[1]) : [],
      steps: range.resultType === 'matrix' ? range.result[0]?.values.length : 0,
      reason: unknown instanceof HistoryError ? unknown.reason : String(unknown),
    };
  }
}
