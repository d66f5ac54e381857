import { applyDecorators, Controller, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiBadRequestResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { TakeTurnInterceptor } from './take-turn.interceptor.js';
import { PrometheusErrorFilter } from './answers/prometheus-error.filter.js';

/**
 * Declares a controller under `/api/v1`, which answers errors in Prometheus' format and requires a token with the scope `read`.
 */
export function PrometheusController(): ClassDecorator {
  return applyDecorators(
    ApiTags('prometheus'),
    Controller('api/v1'),
    UseFilters(PrometheusErrorFilter),
    UseInterceptors(TakeTurnInterceptor),
    RequireScope('read'),
    ApiBadRequestResponse({ description: 'A parameter is wrong; `error` says which, in the words of Prometheus' }),
  );
}
