import { Get, Req, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiQuery,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ClientSignal } from '../../http/connections/client-signal.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { RequestQuery } from '../../http/request-parts.js';
import { sendJson } from '../../http/answers/send-json.js';
import { MetricsQueryDto } from './dto/metrics-query.dto.js';
import { MetricsResponse } from './dto/metrics.response.js';
import { RangeQueryDto } from './dto/range-query.dto.js';
import { RangeQueryResponse } from './dto/range-query.response.js';
import { SamplesQueryDto } from './dto/samples-query.dto.js';
import { SamplesResponse } from './dto/samples.response.js';
import { SeriesQueryDto } from './dto/series-query.dto.js';
import { SeriesResponse } from './dto/series.response.js';
import { formatOf } from './export/export-format.js';
import { sendCsv } from './export/send-csv.js';
import { MetricListingService } from './listing/metric-listing.service.js';
import { SeriesListingService } from './listing/series-listing.service.js';
import { HistoryRoutes } from './history-routes.decorator.js';
import { RangeQueryService } from './range/range-query.service.js';
import { SamplesService } from './samples/samples.service.js';

/** Serves the stored history as JSON and CSV. */
@HistoryRoutes()
export class HistoryController {
  constructor(
    private readonly metrics: MetricListingService,
    private readonly series: SeriesListingService,
    private readonly samples: SamplesService,
    private readonly ranges: RangeQueryService,
  ) {}

  /** Lists metrics with their number of series and their last push: by name, by last push, or by number of series. */
  @Get('metrics')
  @ApiQuery({ type: MetricsQueryDto })
  @ApiOkResponse({ type: MetricsResponse })
  async findMetrics(
    @RequestQuery(new DtoPipe(MetricsQueryDto, 'query')) query: MetricsQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.metrics.findMetrics(query, signal));
  }

  /** Lists the series of one metric with their current values. */
  @Get('series')
  @ApiQuery({ type: SeriesQueryDto })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: SeriesResponse })
  async findSeries(
    @RequestQuery(new DtoPipe(SeriesQueryDto, 'query')) query: SeriesQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.series.findSeries(query, signal));
  }

  /** Lists raw samples in time order: as JSON in pages, or as CSV in one stream. */
  @Get('samples')
  @ApiQuery({ type: SamplesQueryDto })
  @ApiHeader({ name: 'Accept', required: false, example: 'text/csv' })
  @ApiExtraModels(SamplesResponse)
  @ApiOkResponse({
    description: 'A page of samples, or all of them as CSV',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(SamplesResponse) } },
      'text/csv': {
        schema: { type: 'string' },
        example: 'metric,at,value,status\r\nhttp_responses_total,2026-11-23T12:00:04.120Z,1,500\r\n',
      },
    },
  })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  async findSamples(
    @RequestQuery(new DtoPipe(SamplesQueryDto, 'query')) query: SamplesQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    const isJson = formatOf(query, request.headers.accept) === 'json';
    if (isJson) await sendJson(request, response, await this.samples.findPage(query, signal));
    else await sendCsv(request, response, await this.samples.openCsv(query, signal));
  }

  /** Returns points over time, as JSON or as CSV. The samples of each bucket are combined into one number. */
  @Get('query')
  @ApiQuery({ type: RangeQueryDto })
  @ApiHeader({ name: 'Accept', required: false, example: 'text/csv' })
  @ApiExtraModels(RangeQueryResponse)
  @ApiOkResponse({
    description: 'The points of all lines, or one row of CSV for each point',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(RangeQueryResponse) } },
      'text/csv': {
        schema: { type: 'string' },
        example: 'metric,at,value,unfinished,status\r\nhttp_responses_total,2026-11-24T11:00:00.000Z,1412,,200\r\n',
      },
    },
  })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  async query(
    @RequestQuery(new DtoPipe(RangeQueryDto, 'query')) query: RangeQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    const isJson = formatOf(query, request.headers.accept) === 'json';
    if (isJson) await sendJson(request, response, await this.ranges.query(query, signal));
    else await sendCsv(request, response, await this.ranges.openCsv(query, signal));
  }
}
