import { registerDecorator } from 'class-validator';
import { isLabelName } from '../outside-text/name.js';

const MAX_LABELS = 32;
const MAX_VALUE_LENGTH = 1_000;

/** A record of Prometheus label names and texts; `@IsObject()` would accept anything as a value. */
export function IsLabelRecord(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isLabelRecord',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: isLabelRecord,
        defaultMessage: () =>
          `must be an object of at most ${MAX_LABELS} labels: names of letters, digits and _, not starting with a digit or __; values texts of 1 to ${MAX_VALUE_LENGTH} characters`,
      },
    });
}

function isLabelRecord(value: unknown): boolean {
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
