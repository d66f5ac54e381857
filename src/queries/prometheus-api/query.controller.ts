import { applyDecorators, Get, Req, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTooManyRequestsResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken } from '../../api-tokens/api-token.guard.js';
import { ClientSignal } from '../../http/connections/client-signal.js';
import { sendJson } from '../../http/answers/send-json.js';
import { PostForm } from './parameters/form-body.js';
import { Parameters } from './parameters/parameters.decorator.js';
import { PrometheusController } from './prometheus-controller.decorator.js';
import { QueryService } from './query.service.js';
import { instantRequestOf, type QueryRequest, rangeRequestOf } from './parameters/query-request.js';
import { RequestParameters } from './parameters/request-parameters.js';

const OPTIONAL = ['timeout', 'limit', 'lookback_delta', 'view'];

/** Declares a route with the parameters and answers that both kinds of queries share. */
function QueryRoute(route: MethodDecorator, required: readonly string[], optional: readonly string[]): MethodDecorator {
  return applyDecorators(
    route,
    ...required.map((name) => ApiQuery({ name, type: String })),
    ...[...optional, ...OPTIONAL].map((name) => ApiQuery({ name, type: String, required: false })),
    ApiOkResponse({ description: "The result, in Prometheus' form" }),
    ApiUnprocessableEntityResponse({ description: 'The query exceeds a limit, or its samples do not allow an answer' }),
    ApiTooManyRequestsResponse({
      description: 'The token has too many queries in progress; try again after Retry-After',
    }),
    ApiServiceUnavailableResponse({ description: 'The query took too long, or too many queries are waiting' }),
  );
}

/** Evaluates PromQL over all stored samples. */
@PrometheusController()
export class QueryController {
  constructor(private readonly queries: QueryService) {}

  /** Returns the value of an expression at one time. */
  @QueryRoute(Get('query'), ['query'], ['time'])
  query(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answer(instantRequestOf(parameters, this.queries.defaults), { token, client, request, response });
  }

  /** Returns the value of an expression at one time. The parameters are sent as a form. */
  @PostForm('query')
  queryByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.query(parameters, token, client, request, response);
  }

  /** Returns the values of an expression over a range, one for each step. */
  @QueryRoute(Get('query_range'), ['query', 'start', 'end', 'step'], [])
  queryRange(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answer(rangeRequestOf(parameters, this.queries.defaults), { token, client, request, response });
  }

  /** Returns the values of an expression over a range, one for each step. The parameters are sent as a form. */
  @PostForm('query_range')
  queryRangeByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.queryRange(parameters, token, client, request, response);
  }

  private async answer(
    query: QueryRequest,
    {
      token,
      client,
      request,
      response,
    }: { token: ApiToken; client: AbortSignal; request: Request; response: Response },
  ): Promise<void> {
    await sendJson(request, response, await this.queries.query(query, { tokenId: token.id, client }));
  }
}
