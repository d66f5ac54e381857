import { Controller, Get, Query, Req, Res, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { ClientSignal } from '../../http/connections/client-signal.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { sendJson } from '../../http/answers/send-json.js';
import { MetricsQueryDto } from './dto/metrics-query.dto.js';
import { MetricsResponse } from './dto/metrics.response.js';
import { RangeQueryDto } from './dto/range-query.dto.js';
import { RangeQueryResponse } from './dto/range-query.response.js';
import { SamplesQueryDto } from './dto/samples-query.dto.js';
import { SamplesResponse } from './dto/samples.response.js';
import { SeriesQueryDto } from './dto/series-query.dto.js';
import { SeriesResponse } from './dto/series.response.js';
import { ListingService } from './listing/listing.service.js';
import { RangeQueryService } from './range/range-query.service.js';
import { sendCsv, wantsCsv } from './samples/send-csv.js';
import { SamplesService } from './samples/samples.service.js';

/** Serves everything that was pushed, as JSON and CSV. */
@ApiTags('history')
@Controller('api/history')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('read')
@ApiServiceUnavailableResponse({ description: 'Too many history requests at once; try again after Retry-After' })
@ApiBadRequestResponse({ description: 'A parameter is wrong or meets a limit; the message says which and what to do' })
export class HistoryController {
  constructor(
    private readonly listing: ListingService,
    private readonly samples: SamplesService,
    private readonly ranges: RangeQueryService,
  ) {}

  /** Lists metrics by name, with how active they are. */
  @Get('metrics')
  @ApiOkResponse({ type: MetricsResponse })
  async findMetrics(
    @Query(new DtoPipe(MetricsQueryDto, 'query')) query: MetricsQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await sendJson(request, response, await this.listing.findMetrics(query));
  }

  /** Lists the series of one metric with their current values. */
  @Get('series')
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: SeriesResponse })
  async findSeries(
    @Query(new DtoPipe(SeriesQueryDto, 'query')) query: SeriesQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.listing.findSeries(query, signal));
  }

  /** Lists raw samples in time order: JSON in pages, or with `Accept: text/csv` the whole range in one stream. */
  @Get('samples')
  @ApiHeader({ name: 'Accept', required: false, example: 'text/csv' })
  @ApiExtraModels(SamplesResponse)
  @ApiOkResponse({
    description: 'A page of samples, or all of them as CSV',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(SamplesResponse) } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  async findSamples(
    @Query(new DtoPipe(SamplesQueryDto, 'query')) query: SamplesQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    if (wantsCsv(request)) await sendCsv(request, response, await this.samples.openCsv(query, signal));
    else await sendJson(request, response, await this.samples.findPage(query, signal));
  }

  /** Returns points over time: the samples of each bucket are combined into one number. */
  @Get('query')
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: RangeQueryResponse })
  async query(
    @Query(new DtoPipe(RangeQueryDto, 'query')) query: RangeQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.ranges.query(query, signal));
  }
}
