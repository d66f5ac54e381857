import { Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { BadDataError, type ErrorDetail } from '../../http/answers/errors.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { checkBatch } from './batch-check.js';
import { isLabelValue } from './coercion.js';
import { MetricSampleDto } from './dto/metric-batch.dto.js';

/** Checks a batch with the fast check, and uses class-validator only to explain a refusal. */
@Injectable()
export class MetricBatchPipe implements PipeTransform<unknown, readonly IncomingSample[]> {
  /** @throws BadDataError with the paths of the first bad items */
  transform(body: unknown): readonly IncomingSample[] {
    const check = checkBatch(body);
    if ('samples' in check) return check.samples;
    throw new BadDataError(check.badItems.length === 0 ? [explainBatch(body)] : explainItems(body, check.badItems));
  }
}

function explainBatch(body: unknown): ErrorDetail {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return mustBe('/body', 'object', body);
  const { metrics } = body as { metrics?: unknown };
  return metrics === undefined ? missing('/body/metrics') : mustBe('/body/metrics', 'array', metrics);
}

function explainItems(body: unknown, indexes: readonly number[]): ErrorDetail[] {
  const { metrics } = body as { metrics: unknown[] };
  const details = indexes.flatMap((index) => explainItem(metrics[index], `/body/metrics/${index}`));
  // A property test ensures that the two checks agree. If they ever disagree, a refusal must still have a message.
  return details.length > 0
    ? details
    : [{ path: '/body/metrics', message: 'The `/body/metrics` property is invalid.' }];
}

function explainItem(item: unknown, path: string): ErrorDetail[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [mustBe(path, 'object', item)];
  const known = onlyKnown(item as Record<string, unknown>);
  const errors = validateSync(plainToInstance(MetricSampleDto, known), {
    forbidUnknownValues: false,
    stopAtFirstError: true,
  });
  return errors.map((error) => explain(error, path, known[error.property]));
}

function explain({ property, constraints }: ValidationError, path: string, sent: unknown): ErrorDetail {
  const here = `${path}/${property}`;
  if (sent === undefined) return missing(here);
  const [message = 'is invalid'] = Object.values(constraints ?? {});
  const rule = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return { message: `The \`${here}\` property ${rule}. You sent ${shown(sent)}.`, path: here };
}

const KNOWN_PROPERTIES = ['name', 'value', 'labels', 'type', 'temporality', 'help', 'unit', 'timestamp'] as const;

/**
 * Copies the known properties and replaces nested values with empty ones, because class-transformer visits every level, and a
 * property with twenty thousand levels would overflow its stack.
 */
function onlyKnown(item: Record<string, unknown>): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const property of KNOWN_PROPERTIES) {
    if (!Object.hasOwn(item, property)) continue;
    const value = item[property];
    known[property] = property === 'labels' && isRecord(value) ? flatLabels(value) : flat(value);
  }
  return known;
}

function flatLabels(labels: Record<string, unknown>): Record<string, unknown> {
  return Object.values(labels).every(isLabelValue) ? {} : { label: null };
}

function flat(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return typeof value === 'object' && value !== null ? {} : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missing(path: string): ErrorDetail {
  return { path, message: `The \`${path}\` property is required. It was not present on the data you sent.` };
}

function mustBe(path: string, type: string, sent: unknown): ErrorDetail {
  return { message: `The \`${path}\` property must be ${type}. You sent ${shown(sent)}.`, path };
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  // A number that is too large for a double has become Infinity, which JSON can't express.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return abbreviate(text);
}
