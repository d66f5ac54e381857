import protobuf from 'protobufjs/light.js';
import { parseDecimal, parseInt64 } from '../../../outside-text/number.js';

/** A message with unchecked fields, parsed from JSON or decoded from protobuf. */
export type OtlpFields = Readonly<Record<string, unknown>>;

/** The error for a request that violates the protocol. Sending the request again would not help. */
export class MalformedOtlpError extends Error {
  /**
   * @param problem the problem, as the end of a sentence
   * @param path the path of the bad field, which consists of the field names of the JSON form; empty if the whole request is bad
   */
  constructor(
    readonly problem: string,
    readonly path = '',
  ) {
    super(path === '' ? `The request ${problem}.` : `${path} ${problem}.`);
  }

  /** Returns the same error with the name of the enclosing message in front of the path. */
  within(place: string): MalformedOtlpError {
    return new MalformedOtlpError(this.problem, this.path === '' ? place : `${place}.${this.path}`);
  }
}

/** The class that protobufjs uses for 64-bit integers. JSON can't forge an instance. */
type Long = protobuf.Long & { toBigInt(): bigint };

const isLong = (value: unknown): value is Long => value instanceof protobuf.util.Long;

/** The doubles that JSON can't write as numbers. */
const SPECIAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Returns a field's own value. Decoded messages inherit defaults, which would make a missing field look like a zero. */
function valueOf(fields: OtlpFields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** @returns undefined if the field is missing or null, which mean the same in protobuf's JSON */
export function messageIn(fields: OtlpFields, name: string): OtlpFields | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : asMessage(value, name);
}

/**
 * Maximum length of a list in a data point, such as its attributes, which is read without interruption. Real lists have less than
 * a hundredth of this length.
 */
const MAX_LIST = 50_000;

/** Reads a list of messages. Errors contain the index of the message. */
export function messagesIn<T>(fields: OtlpFields, name: string, read: (message: OtlpFields) => T): T[] {
  const messages: T[] = [];
  try {
    for (const value of shortListIn(fields, name)) messages.push(read(asMessage(value, '')));
  } catch (error) {
    throw withinList(error, fields, name, messages.length);
  }
  return messages;
}

/** Reads a list of messages of any length, and yields after each message. */
export function* messagesInSteps<T>(
  fields: OtlpFields,
  name: string,
  read: (message: OtlpFields) => T | Generator<void, T>,
): Generator<void, T[]> {
  const messages: T[] = [];
  try {
    for (const value of listIn(fields, name)) {
      const message = read(asMessage(value, ''));
      messages.push(isSteps(message) ? yield* message : message);
      yield;
    }
  } catch (error) {
    throw withinList(error, fields, name, messages.length);
  }
  return messages;
}

function isSteps<T>(message: T | Generator<void, T>): message is Generator<void, T> {
  return typeof message === 'object' && message !== null && Symbol.iterator in message;
}

/** Adds the index to an error. Building the paths of half a million messages in advance would take as long as reading them. */
function withinList(error: unknown, fields: OtlpFields, name: string, index: number): unknown {
  if (!(error instanceof MalformedOtlpError) || !Array.isArray(valueOf(fields, name))) return error;
  return error.within(`${name}[${index}]`);
}

export function textIn(fields: OtlpFields, name: string): string {
  return optionalTextIn(fields, name) ?? '';
}

/** @returns undefined if the field is missing */
export function optionalTextIn(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new MalformedOtlpError('is not a string', name);
}

/** @returns undefined if the field is missing */
export function booleanIn(fields: OtlpFields, name: string): boolean | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw new MalformedOtlpError('is not a boolean', name);
}

/** @returns undefined if the field is missing */
export function doubleIn(fields: OtlpFields, name: string): number | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : (doubleOf(value) ?? refuse(NO_NUMBER, name));
}

export function doublesIn(fields: OtlpFields, name: string): number[] {
  return shortListIn(fields, name).map((value, index) => doubleOf(value) ?? refuse(NO_NUMBER, `${name}[${index}]`));
}

/**
 * Reads a 64-bit integer as a double, like any sample value. The result is exact up to 2^53.
 *
 * @returns undefined if the field is missing
 */
export function integerIn(fields: OtlpFields, name: string): number | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : Number(integerOf(value) ?? refuse(NO_INTEGER, name));
}

export function integersIn(fields: OtlpFields, name: string): number[] {
  return shortListIn(fields, name).map((value, index) =>
    Number(integerOf(value) ?? refuse(NO_INTEGER, `${name}[${index}]`)),
  );
}

/**
 * Reads an integer as text with all its digits.
 *
 * @returns undefined if the field is missing
 */
export function digitsIn(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : String(integerOf(value) ?? refuse(NO_INTEGER, name));
}

/**
 * Reads bytes as base64, the form that they have in JSON.
 *
 * @returns undefined if the field is missing
 */
export function base64In(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  throw new MalformedOtlpError('is not a string with base64', name);
}

/**
 * Reads an enum value, which may be given as its number or, as some protobuf JSON encoders do, as its name. A missing field means
 * the value 0.
 *
 * @returns undefined if the value is unknown
 */
export function enumIn<const Name extends string>(
  fields: OtlpFields,
  name: string,
  names: readonly Name[],
): Name | undefined {
  const value = valueOf(fields, name) ?? 0;
  if (typeof value === 'number' && Number.isInteger(value)) return names[value];
  if (typeof value === 'string') return names.find((each) => each === value);
  throw new MalformedOtlpError('is not the number of an enum', name);
}

const NANOSECONDS_PER_MS = 1_000_000;

/** Reads a time in nanoseconds since the epoch as whole milliseconds. The result is null if the field is missing or 0. */
export function millisecondsIn(fields: OtlpFields, name: string): number | null {
  const value = valueOf(fields, name) ?? 0;
  const nanoseconds = integerOf(value) ?? refuse(NO_INTEGER, name);
  if (Number(nanoseconds) === 0) return null;
  if (typeof nanoseconds === 'bigint') return Number(nanoseconds / BigInt(NANOSECONDS_PER_MS));
  // A JSON number for a current time is inexact by up to 128 ns. Rounding to microseconds first keeps a whole millisecond from
  // becoming the previous one.
  return Math.floor(Math.round(nanoseconds / 1_000) / 1_000);
}

/** Calls `read`, and puts `place` in front of the path of its errors. */
export function inside<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedOtlpError ? error.within(place) : error;
  }
}

/** Runs a generator that reads in steps, and puts `place` in front of the path of its errors. */
export function* insideSteps<T>(place: string, steps: Generator<void, T>): Generator<void, T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof MalformedOtlpError ? error.within(place) : error;
  }
}

export function listLengthIn(fields: OtlpFields, name: string): number {
  return listIn(fields, name).length;
}

function listIn(fields: OtlpFields, name: string): readonly unknown[] {
  const value = valueOf(fields, name) ?? [];
  if (Array.isArray(value)) return value;
  throw new MalformedOtlpError('is not a list', name);
}

function shortListIn(fields: OtlpFields, name: string): readonly unknown[] {
  const list = listIn(fields, name);
  if (list.length > MAX_LIST) throw new MalformedOtlpError(`has more than ${MAX_LIST} elements`, name);
  return list;
}

export function asMessage(value: unknown, place: string): OtlpFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as OtlpFields;
  throw new MalformedOtlpError('is not an object', place);
}

const NO_NUMBER = 'is not a number';
const NO_INTEGER = 'is not an integer';

function refuse(problem: string, place: string): never {
  throw new MalformedOtlpError(problem, place);
}

function doubleOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (parseDecimal(value) ?? SPECIAL_NUMBERS.get(value)) : undefined;
}

function integerOf(value: unknown): number | bigint | undefined {
  if (isLong(value)) return value.toBigInt();
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' ? parseInt64(value) : undefined;
}
