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
 * Streams the names of metrics that receive samples. Streams stay open, so they have a separate limit and do not count towards
 * the limit of history requests.
 */
@ApiTags('history')
@Controller('api/history/live')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('read')
export class LiveController {
  constructor(private readonly feed: LiveFeed) {}

  /**
   * Streams server-sent events, at most five a second, that list the metrics which have received samples in any process. An event
   * has the name of each metric and the time of its newest sample; other routes return the values.
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
