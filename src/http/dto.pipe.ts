import type { PipeTransform, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { mostSimilarName } from '../outside-text/most-similar-name.js';
import { BadDataError, type ErrorDetail } from './answers/errors.js';

const MAX_DETAILS = 20;

/**
 * Maximum nesting. No DTO needs more, and class-transformer visits every level: twenty thousand levels would overflow its stack.
 */
const MAX_LEVELS = 16;

/**
 * Maximum number of elements of a list or object. No DTO needs more, and class-validator checks all of them without interruption.
 */
const MAX_ELEMENTS = 1_000;

/** Maximum length of an unknown name in a message. */
const MAX_QUOTED_NAME = 100;

/**
 * Converts a request's body or query to a DTO, or refuses it with the paths of all problems. The pipe is applied to parameters
 * and not globally, because global pipes belong to the host.
 *
 * An unknown property is refused, and the message suggests the name that was probably meant: a misspelled `dryrun` would delete
 * data, and a token with `expiresIn` instead of `expiresAt` would never expire.
 */
export class DtoPipe<T extends object> implements PipeTransform<unknown, T> {
  /** @param place the part of the request that the data comes from, which is the root of the paths */
  constructor(
    private readonly type: Type<T>,
    private readonly place: 'body' | 'query' = 'body',
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
    if (isLargerThan(MAX_ELEMENTS, plain)) {
      const message = `No list and no object in the ${this.place} may have more than ${MAX_ELEMENTS} elements.`;
      throw new BadDataError([{ path: `/${this.place}`, message }]);
    }
    const unknown = this.unknownPropertiesOf(plain);
    if (unknown.length > 0) throw new BadDataError(unknown);
    const dto = this.instanceOf(plain);
    const errors = validateSync(dto, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: false,
      stopAtFirstError: true,
    });
    if (errors.length > 0) throw new BadDataError(this.problemsOf(errors).slice(0, MAX_DETAILS));
    return dto;
  }

  /**
   * Creates the DTO. Nested objects bypass class-transformer, because it calls an object's `constructor` property, and a label
   * may be named `constructor`. In a body, the rules of the DTO check them. In a query, they are refused; only a caller in this
   * process can pass them, because a URL yields only strings and lists of strings. A property with the value null counts as
   * missing.
   */
  private instanceOf(plain: object): T {
    const given = Object.entries(plain).filter(([, value]) => value !== null && value !== undefined);
    const nested = given.filter(([, value]) => isNested(value));
    if (this.place === 'query' && nested.length > 0) {
      throw new BadDataError(
        nested.slice(0, MAX_DETAILS).map(([name]) => ({
          path: `/query/${name}`,
          message: `The \`/query/${name}\` property must be a string or a list of strings.`,
        })),
      );
    }
    const flat = given.filter(([, value]) => !isNested(value));
    return Object.assign(plainToInstance(this.type, Object.fromEntries(flat)), Object.fromEntries(nested));
  }

  /** Reports a missing property as missing. The validator would call it too short, for example. */
  private problemsOf(errors: readonly ValidationError[]): ErrorDetail[] {
    const root = `/${this.place}`;
    return errors.flatMap((error) => {
      if (error.value !== undefined) return detailsOf([error], root);
      const path = `${root}/${error.property}`;
      return [{ path, message: `The \`${path}\` property is missing.` }];
    });
  }

  private unknownPropertiesOf(plain: object): ErrorDetail[] {
    const known = knownPropertiesOf(this.type);
    return Object.keys(plain)
      .filter((name) => !known.has(name))
      .slice(0, MAX_DETAILS)
      .map((name) => unknownProperty(this.place, name, known));
  }
}

/** Returns whether a value, or anything in it, has more elements than allowed. */
function isLargerThan(elements: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inside.length > elements || inside.some((each) => isLargerThan(elements, each));
}

/** Returns whether a value is an object, or a list that contains an object. */
function isNested(value: unknown): boolean {
  return Array.isArray(value)
    ? value.some((each) => typeof each === 'object' && each !== null)
    : typeof value === 'object' && value !== null;
}

/**
 * Returns the problem with an unknown property or query parameter. Its message suggests a similar name, or lists the known names.
 */
export function unknownProperty(place: string, name: string, known: ReadonlySet<string>): ErrorDetail {
  const shown = name.slice(0, MAX_QUOTED_NAME);
  const nearest = mostSimilarName(shown, known);
  const cure =
    nearest !== undefined
      ? `Did you mean ${nearest}?`
      : known.size > 0
        ? `Known here: ${[...known].toSorted().join(', ')}.`
        : 'This route has none: leave it out.';
  return { path: `/${place}/${shown}`, message: `The \`/${place}/${shown}\` property is not known here. ${cure}` };
}

/** Returns the names of the properties that have rules in the DTO. */
function knownPropertiesOf(type: Type): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

/** Flattens class-validator's tree of errors. */
export function detailsOf(errors: readonly ValidationError[], path: string): ErrorDetail[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const here = `${path}/${property}`;
    const own = Object.values(constraints ?? {}).map((message) => ({
      path: here,
      message: message.startsWith(property)
        ? `The \`${here}\` property${message.slice(property.length)}.`
        : `The \`${here}\` property ${message}.`,
    }));
    return [...own, ...detailsOf(children ?? [], here)];
  });
}
