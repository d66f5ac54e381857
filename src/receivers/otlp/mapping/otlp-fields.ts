import protobuf from 'protobufjs/light.js';
import { parseDecimal, parseInt64 } from '../../../outside-text/number.js';

/** A message whose fields nobody has looked at: parsed from JSON, or decoded from protobuf. */
export type OtlpFields = Readonly<Record<string, unknown>>;

/** A request that is not what the protocol describes. It would be no better if it were sent again. */
export class MalformedOtlpError extends Error {
  /**
   * @param problem what is wrong with it
   * @param path where, in the names of the JSON form; empty = as a whole
   */
  constructor(
    readonly problem: string,
    readonly path = '',
  ) {
    super(path === '' ? `The request ${problem}.` : `${path} ${problem}.`);
  }

  /** The same, seen from a message around it. */
  within(place: string): MalformedOtlpError {
    return new MalformedOtlpError(this.problem, this.path === '' ? place : `${place}.${this.path}`);
  }
}

/** One of the Longs that protobufjs makes of 64-bit integers. JSON can't forge it. */
type Long = protobuf.Long & { toBigInt(): bigint };

const isLong = (value: unknown): value is Long => value instanceof protobuf.util.Long;

/** What JSON has no numbers for. */
const SPECIAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** A field's own value. Decoded messages inherit defaults, which would make what was left out look like a zero. */
function valueOf(fields: OtlpFields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** @returns undefined where the field is left out or null, which JSON takes for the same */
export function messageIn(fields: OtlpFields, name: string): OtlpFields | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : asMessage(value, name);
}

/** A list within a data point, its attributes for one, is read in one go. No series has a hundredth of it. */
const MAX_LIST = 50_000;

/** Reads a list of messages; errors say which one they are in. */
export function messagesIn<T>(fields: OtlpFields, name: string, read: (message: OtlpFields) => T): T[] {
  const messages: T[] = [];
  try {
    for (const value of shortListIn(fields, name)) messages.push(read(asMessage(value, '')));
  } catch (error) {
    throw withinList(error, fields, name, messages.length);
  }
  return messages;
}

/** The same for a list of any length, with a step after each message. */
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

/** Written only now: half a million names of places take as long as all the reading. */
function withinList(error: unknown, fields: OtlpFields, name: string, index: number): unknown {
  if (!(error instanceof MalformedOtlpError) || !Array.isArray(valueOf(fields, name))) return error;
  return error.within(`${name}[${index}]`);
}

export function textIn(fields: OtlpFields, name: string): string {
  return optionalTextIn(fields, name) ?? '';
}

/** @returns undefined where it is left out */
export function optionalTextIn(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new MalformedOtlpError('is not a string', name);
}

/** @returns undefined where it is left out */
export function booleanIn(fields: OtlpFields, name: string): boolean | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw new MalformedOtlpError('is not a boolean', name);
}

/** @returns undefined where it is left out */
export function doubleIn(fields: OtlpFields, name: string): number | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : (doubleOf(value) ?? refuse(NO_NUMBER, name));
}

export function doublesIn(fields: OtlpFields, name: string): number[] {
  return shortListIn(fields, name).map((value, index) => doubleOf(value) ?? refuse(NO_NUMBER, `${name}[${index}]`));
}

/** An integer of up to 64 bits, exact up to 2^53: a sample's value is a double. @returns undefined where it is left out */
export function integerIn(fields: OtlpFields, name: string): number | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : Number(integerOf(value) ?? refuse(NO_INTEGER, name));
}

export function integersIn(fields: OtlpFields, name: string): number[] {
  return shortListIn(fields, name).map((value, index) =>
    Number(integerOf(value) ?? refuse(NO_INTEGER, `${name}[${index}]`)),
  );
}

/** All its digits. @returns undefined where it is left out */
export function digitsIn(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  return value === undefined ? undefined : String(integerOf(value) ?? refuse(NO_INTEGER, name));
}

/** Bytes in base64, as they are in JSON. @returns undefined where they are left out */
export function base64In(fields: OtlpFields, name: string): string | undefined {
  const value = valueOf(fields, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  throw new MalformedOtlpError('is not a string with base64', name);
}

/** One of a list of names, by its number or, as other encoders of protobuf's JSON write it, by name. */
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

/** A time in nanoseconds since the epoch as whole milliseconds; null where it is left out or 0. */
export function millisecondsIn(fields: OtlpFields, name: string): number | null {
  const value = valueOf(fields, name) ?? 0;
  const nanoseconds = integerOf(value) ?? refuse(NO_INTEGER, name);
  if (Number(nanoseconds) === 0) return null;
  if (typeof nanoseconds === 'bigint') return Number(nanoseconds / BigInt(NANOSECONDS_PER_MS));
  // Written as a number in JSON, it is off by up to 128 ns, and a whole millisecond must not become the one before.
  return Math.floor(Math.round(nanoseconds / 1_000) / 1_000);
}

/** Puts the place into the errors of what is read there. */
export function inside<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedOtlpError ? error.within(place) : error;
  }
}

/** The same for what is read in steps. */
export function* insideSteps<T>(place: string, steps: Generator<void, T>): Generator<void, T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof MalformedOtlpError ? error.within(place) : error;
  }
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
