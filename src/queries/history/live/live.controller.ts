import { Controller, Get, Req, Res, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../../http/answers/error-answer.filter.js';
import { DtoPipe } from '../../../http/dto.pipe.js';
import { KnownQueryInterceptor } from '../../../http/known-query.interceptor.js';
import { RequestQuery } from '../../../http/request-parts.js';
import { LiveFeed } from './live-feed.js';
import { LiveQueryDto } from './live-query.dto.js';

const EXAMPLE = `retry: 2000
event: ready
data: {"at":"2026-11-24T12:00:00.000Z"}

event: samples
data: {"metrics":[{"metric":"orders_total","newestAt":"2026-11-24T12:00:03.120Z"}],"truncated":false}

: heartbeat

`;

/**
 * Streams the names of metrics that receive samples. A stream stays open, so it takes none of the places for history requests, and
 * has places of its own.
 */
@ApiTags('history')
@Controller('api/history/live')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('read')
export class LiveController {
  constructor(private readonly feed: LiveFeed) {}

  /**
   * Tells at most five times a second which metrics have received samples, as server-sent events, whichever process received them.
   * It tells the names and the times of the newest samples; the values are in the other routes.
   */
  @Get()
  @ApiQuery({ type: LiveQueryDto })
  @ApiOkResponse({
    description: 'A stream of events, which stays open',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @ApiBadRequestResponse({ description: 'A parameter is wrong; the message says which' })
  @ApiTooManyRequestsResponse({ description: 'The token has too many open streams; try again later' })
  @ApiServiceUnavailableResponse({ description: 'Too many open streams; try again after Retry-After' })
  watch(
    @RequestQuery(new DtoPipe(LiveQueryDto, 'query')) { metric, families }: LiveQueryDto,
    @Req() request: Request,
    @Res() response: Response,
    @CurrentToken() token: ApiToken,
  ): void {
    if (request.method === 'HEAD') response.type('text/event-stream').end();
    else this.feed.open(response, token, { metrics: metric, families });
  }
}
