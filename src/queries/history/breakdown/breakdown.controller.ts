import { Get, Req, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendJson } from '../../../http/answers/send-json.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { DtoPipe } from '../../../http/dto.pipe.js';
import { RequestQuery } from '../../../http/request-parts.js';
import { HistoryRoutes } from '../history-routes.decorator.js';
import { BreakdownQueryDto } from './breakdown-query.dto.js';
import { BreakdownResponse } from './breakdown.response.js';
import { BreakdownService } from './breakdown.service.js';

/** Compares the labels of a metric. */
@HistoryRoutes('breakdown')
export class BreakdownController {
  constructor(private readonly breakdown: BreakdownService) {}

  /**
   * Ranks labels by how much a metric differs between their values. For each label, the largest values are listed, in the range
   * and in the period before.
   */
  @Get()
  @ApiQuery({ type: BreakdownQueryDto })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: BreakdownResponse })
  async breakDown(
    @RequestQuery(new DtoPipe(BreakdownQueryDto, 'query')) query: BreakdownQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.breakdown.breakDown(query, signal));
  }
}
