import { Controller, Get, Req, Res, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiProduces,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { RequireScope } from '../../../api-tokens/api-token.guard.js';
import { Exposition } from '../../exposition/exposition.js';
import { TEXT_CONTENT_TYPE } from '../../exposition/format/exposition-format.js';
import { DEFAULT_ESCAPING } from '../../exposition/format/scrape-negotiation.js';
import { SharedExpositions } from '../../exposition/shared-expositions.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { DtoPipe } from '../../../http/dto.pipe.js';
import { ErrorAnswerFilter } from '../../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../../http/known-query.interceptor.js';
import { RequestQuery } from '../../../http/request-parts.js';
import { sendJson } from '../../../http/answers/send-json.js';
import { MinuteRowsQueryDto } from '../dto/minute-rows-query.dto.js';
import { MinuteRowsResponse } from '../dto/minute-rows.response.js';
import { HistoryShare } from '../history-share.js';
import { MinuteRowsService, ROWS_PLACES } from './minute-rows.service.js';

/** Serves the admin API of Unleash's custom metrics. New clients should use `/api/history`. */
@ApiTags('history')
@Controller('api/admin/custom-metrics')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('read')
export class UnleashListingController {
  constructor(
    private readonly minuteRows: MinuteRowsService,
    private readonly page: Exposition,
    private readonly sharedExpositions: SharedExpositions,
  ) {}

  /** Lists the value of each series at the end of each minute with a push. The default range is the last hour. */
  @Get()
  @ApiQuery({ type: MinuteRowsQueryDto })
  @HistoryShare(ROWS_PLACES)
  @ApiBadRequestResponse({ description: 'A parameter is wrong; the message says what to do' })
  @ApiServiceUnavailableResponse({ description: 'Too many history requests at once; try again after Retry-After' })
  @ApiOkResponse({ type: MinuteRowsResponse })
  async findRows(
    @RequestQuery(new DtoPipe(MinuteRowsQueryDto, 'query')) query: MinuteRowsQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.minuteRows.findPage(query, signal));
  }

  /** Returns the live values of the custom series in Prometheus' text format, without the service's own metrics. */
  @Get('prometheus')
  @ApiProduces('text/plain')
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.sharedExpositions.send(request, response, {
      name: 'custom series',
      contentType: TEXT_CONTENT_TYPE,
      write: () => this.page.writeCustom('text', DEFAULT_ESCAPING),
    });
  }
}
