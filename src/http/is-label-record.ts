import { registerDecorator } from 'class-validator';
import { isLabelName } from '../outside-text/name.js';

const MAX_LABELS = 32;
const MAX_VALUE_LENGTH = 1_000;

/** Requires a record of Prometheus label names and strings; `@IsObject()` would accept any values. */
export function IsLabelRecord(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isLabelRecord',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: isLabelRecord,
        defaultMessage: () =>
          `must be an object of at most ${MAX_LABELS} labels. Names consist of letters, digits and _, and do not start with a digit or __; values are strings of 1 to ${MAX_VALUE_LENGTH} characters`,
      },
    });
}

/** Returns whether a value is a record of label names and strings within the limits. */
export function isLabelRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const labels = Object.entries(value as Record<string, unknown>);
  return (
    labels.length <= MAX_LABELS &&
    labels.every(
      ([name, text]) =>
        isLabelName(name) &&
        !name.startsWith('__') &&
        typeof text === 'string' &&
        text.length > 0 &&
        text.length <= MAX_VALUE_LENGTH,
    )
  );
}
