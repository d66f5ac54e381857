import { applyDecorators, Controller, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiBadRequestResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { HistoryShare } from './history-share.js';

/**
 * Declares a controller under `/api/history`. Its routes require a token with the scope `read`, and limit each token to its share
 * of the concurrent requests.
 *
 * @param path the path below `/api/history`
 */
export function HistoryRoutes(path = ''): ClassDecorator {
  return applyDecorators(
    ApiTags('history'),
    Controller(path === '' ? 'api/history' : `api/history/${path}`),
    UseFilters(ErrorAnswerFilter),
    UseInterceptors(KnownQueryInterceptor),
    RequireScope('read'),
    HistoryShare(),
    ApiServiceUnavailableResponse({ description: 'Too many history requests at once; try again after Retry-After' }),
    ApiBadRequestResponse({
      description: 'A parameter is wrong or meets a limit; the message says which and what to do',
    }),
  );
}
