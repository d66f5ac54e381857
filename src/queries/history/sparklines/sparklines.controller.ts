import { HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendJson } from '../../../http/answers/send-json.js';
import { JsonBody } from '../../../http/bodies/json-body.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { DtoPipe } from '../../../http/dto.pipe.js';
import { RequestBody } from '../../../http/request-parts.js';
import { HistoryRoutes } from '../history-routes.decorator.js';
import { HistoryShare } from '../history-share.js';
import { SparklinesDto } from './sparklines.dto.js';
import { SparklinesResponse } from './sparklines.response.js';
import { SPARKLINES_PLACES, SparklinesService } from './sparklines.service.js';

/** Serves sparklines. The request has a body, because the names of 24 metrics can be too long for a URL. */
@HistoryRoutes('sparklines')
export class SparklinesController {
  constructor(private readonly sparklines: SparklinesService) {}

  /** Returns a short array of numbers for each of up to 24 metrics, and one number each for the range and the period before. */
  @Post()
  @HttpCode(200)
  @JsonBody()
  @HistoryShare(SPARKLINES_PLACES)
  @ApiBody({ type: SparklinesDto })
  @ApiOkResponse({ type: SparklinesResponse })
  async compute(
    @RequestBody(new DtoPipe(SparklinesDto)) body: SparklinesDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.sparklines.compute(body, signal));
  }
}
