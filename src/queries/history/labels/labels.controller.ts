import { Get, Req, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiParam, ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendJson } from '../../../http/answers/send-json.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { DtoPipe } from '../../../http/dto.pipe.js';
import { PathParameter, RequestQuery } from '../../../http/request-parts.js';
import { HistoryRoutes } from '../history-routes.decorator.js';
import { LabelsQueryDto, LabelValuesQueryDto } from './labels-query.dto.js';
import { LabelsResponse, LabelValuesResponse } from './labels.response.js';
import { LabelsService } from './labels.service.js';

/** Lists labels and their values. */
@HistoryRoutes('labels')
export class LabelsController {
  constructor(private readonly labels: LabelsService) {}

  /** Lists the labels of a metric, or of all metrics, with the number of their values. */
  @Get()
  @ApiQuery({ type: LabelsQueryDto })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: LabelsResponse })
  async findLabels(
    @RequestQuery(new DtoPipe(LabelsQueryDto, 'query')) query: LabelsQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.labels.findLabels(query, signal));
  }

  /** Lists the values of one label, each with the number of series that have it. */
  @Get(':name/values')
  @ApiParam({ name: 'name', type: String, example: 'status' })
  @ApiQuery({ type: LabelValuesQueryDto })
  @ApiNotFoundResponse({ description: 'Nobody pushed that metric' })
  @ApiOkResponse({ type: LabelValuesResponse })
  async findValues(
    @PathParameter('name') name: string,
    @RequestQuery(new DtoPipe(LabelValuesQueryDto, 'query')) query: LabelValuesQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @ClientSignal() signal: AbortSignal,
  ): Promise<void> {
    await sendJson(request, response, await this.labels.findValues(name, query, signal));
  }
}
