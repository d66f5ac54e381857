import { ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';
import { isLabelValue } from '../coercion.js';

/** Checks the values of a labels object. `@IsObject()` checks only the object itself. */
@ValidatorConstraint({ name: 'isLabels' })
export class IsLabels implements ValidatorConstraintInterface {
  validate(labels: unknown): boolean {
    if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return false;
    return Object.values(labels).every(isLabelValue);
  }

  defaultMessage(): string {
    return 'values must be strings, numbers or booleans';
  }
}
