import { Injectable, type PipeTransform } from '@nestjs/common';
import { BadDataError, type ErrorDetail } from '../../http/answers/errors.js';
import type { EdgeMetricsDto } from './dto/edge-metrics.dto.js';
import type { SdkMetricsDto } from './dto/sdk-metrics.dto.js';

/**
 * Checks the properties that every SDK sends in addition to its impact metrics, but not the impact metrics, because a refused
 * post would lose all of them. The check is hand-written, because class-transformer would copy the flag bucket, which may be
 * megabytes and is not stored.
 *
 * @throws BadDataError if a property is missing or malformed, as in Unleash 8; no SDK sends such a body
 */
@Injectable()
export class SdkMetricsPipe implements PipeTransform<unknown, SdkMetricsDto> {
  transform(body: unknown): SdkMetricsDto {
    assertObject(body);
    const details: ErrorDetail[] = [];
    if (!isText(body.appName)) details.push(missing('/body/appName', body.appName, 'string'));
    const { bucket } = body;
    if (bucket !== undefined && bucket !== null) {
      if (!isObject(bucket)) details.push(missing('/body/bucket', bucket, 'object'));
      else {
        for (const part of ['start', 'stop', 'toggles']) {
          if (bucket[part] === undefined) details.push(missing(`/body/bucket/${part}`, undefined, ''));
        }
      }
    }
    if (details.length > 0) throw new BadDataError(details);
    return body as unknown as SdkMetricsDto;
  }
}

/** Checks the bulk metrics of Unleash Edge, as {@link SdkMetricsPipe} checks the metrics of an SDK. */
@Injectable()
export class EdgeMetricsPipe implements PipeTransform<unknown, EdgeMetricsDto> {
  transform(body: unknown): EdgeMetricsDto {
    assertObject(body);
    const details = ['applications', 'metrics']
      .filter((property) => !Array.isArray(body[property]))
      .map((property) => missing(`/body/${property}`, body[property], 'array'));
    if (details.length > 0) throw new BadDataError(details);
    return body as unknown as EdgeMetricsDto;
  }
}

function assertObject(body: unknown): asserts body is Record<string, unknown> {
  if (isObject(body)) return;
  throw new BadDataError([{ path: '/body', message: 'The `/body` property must be object.' }]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function missing(path: string, value: unknown, type: string): ErrorDetail {
  const message =
    value === undefined
      ? `The \`${path}\` property is required. It was not present on the data you sent.`
      : `The \`${path}\` property must be ${type}.`;
  return { path, message };
}
