import type { PipeTransform, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { BadDataError, type ErrorDetail } from './errors.js';

const MAX_DETAILS = 20;

/** No DTO needs more, and class-transformer walks into everything: twenty thousand levels would overflow its stack. */
const MAX_LEVELS = 16;

/**
 * Makes a DTO of a request's body or query, or refuses it with the paths of what is wrong. On the parameter rather than
 * global, because a host's global pipes are its own.
 */
export class DtoPipe<T extends object> implements PipeTransform<unknown, T> {
  /**
   * @param place where the data comes from, the root of the paths
   * @param unknown what to do with properties that are not in the DTO. Where one that is misspelled would do harm
   *   (`?dryrun=true`), they are refused.
   */
  constructor(
    private readonly type: Type<T>,
    private readonly place: 'body' | 'query' = 'body',
    private readonly unknown: 'ignore unknown' | 'refuse unknown' = 'ignore unknown',
  ) {}

  transform(value: unknown): T {
    const plain = value ?? {};
    if (typeof plain !== 'object' || Array.isArray(plain)) {
      throw new BadDataError([{ path: `/${this.place}`, message: `The ${this.place} must be an object.` }]);
    }
    if (isDeeperThan(MAX_LEVELS, plain)) {
      const message = `The ${this.place} must not have more than ${MAX_LEVELS} levels.`;
      throw new BadDataError([{ path: `/${this.place}`, message }]);
    }
    const dto = plainToInstance(this.type, plain);
    const errors = validateSync(dto, {
      whitelist: true,
      forbidNonWhitelisted: this.unknown === 'refuse unknown',
      forbidUnknownValues: false,
      stopAtFirstError: true,
    });
    if (errors.length > 0) throw new BadDataError(detailsOf(errors, `/${this.place}`).slice(0, MAX_DETAILS));
    return dto;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

/** Flattens class-validator's tree. */
export function detailsOf(errors: readonly ValidationError[], path: string): ErrorDetail[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const here = `${path}/${property}`;
    const own = Object.entries(constraints ?? {}).map(([rule, message]) => ({
      path: here,
      message:
        rule === 'whitelistValidation'
          ? `The \`${here}\` property is not known here.`
          : message.startsWith(property)
            ? `The \`${here}\` property${message.slice(property.length)}.`
            : `The \`${here}\` property ${message}.`,
    }));
    return [...own, ...detailsOf(children ?? [], here)];
  });
}
