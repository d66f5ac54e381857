import { HttpException } from '@nestjs/common';
import { errorAnswerOf } from '../../../http/answers/error-answer.js';
import { errorTypeOf, PrometheusError } from './prometheus.error.js';

/**
 * Converts any error to an error of Prometheus' API. For an unexpected error, it also returns the error itself and the id with which it
 * is logged.
 */
export function prometheusAnswerOf(error: unknown): {
  answer: PrometheusError;
  unexpected?: ReturnType<typeof errorAnswerOf>['unexpected'];
} {
  if (error instanceof PrometheusError) return { answer: error };
  const { status, headers, body, unexpected } = errorAnswerOf(error);
  const retryAfter = headers['Retry-After'];
  const errorType = status === 503 ? 'unavailable' : errorTypeOf(status);
  const message = error instanceof HttpException ? error.message : String(body.message);
  return {
    answer: new PrometheusError(errorType, message, retryAfter === undefined ? undefined : Number(retryAfter)),
    unexpected,
  };
}
