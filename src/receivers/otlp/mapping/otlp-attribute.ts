import {
  base64In,
  booleanIn,
  digitsIn,
  doubleIn,
  inside,
  MalformedOtlpError,
  messageIn,
  messagesIn,
  type OtlpFields,
  optionalTextIn,
  textIn,
} from './otlp-fields.js';
import type { OtlpAttribute } from '../encoding/otlp-request.js';

/**
 * Maximum nesting of lists and maps. protobufjs limits the depth of messages, but JSON may be nested too deeply for the call
 * stack.
 */
const MAX_LEVELS = 32;

/** Reads a list of `KeyValue`. */
export function attributesIn(fields: OtlpFields, name: string): OtlpAttribute[] {
  return messagesIn(fields, name, (each) => ({ key: textIn(each, 'key'), value: valueOf(each) }));
}

function valueOf(attribute: OtlpFields): string {
  const value = messageIn(attribute, 'value');
  if (value === undefined) return '';
  return inside('value', () => scalarOf(value) ?? jsonOf(value, 1) ?? '');
}

/** Returns a scalar value as plain text, without JSON quotes; undefined for a list, a map or an empty value. */
function scalarOf(value: OtlpFields): string | undefined {
  const text = optionalTextIn(value, 'stringValue') ?? base64In(value, 'bytesValue') ?? digitsIn(value, 'intValue');
  if (text !== undefined) return text;
  const scalar = booleanIn(value, 'boolValue') ?? doubleIn(value, 'doubleValue');
  return scalar === undefined ? undefined : String(scalar);
}

/** Returns a list or a map as JSON. Integers keep all their digits, and keys are sorted so that equal maps are equal labels. */
function jsonOf(value: OtlpFields, level: number): string | undefined {
  if (level > MAX_LEVELS) throw new MalformedOtlpError(`has more than ${MAX_LEVELS} levels of lists or maps`);
  const array = messageIn(value, 'arrayValue');
  if (array !== undefined) {
    return `[${inside('arrayValue', () => messagesIn(array, 'values', (each) => elementOf(each, level))).join(',')}]`;
  }
  const map = messageIn(value, 'kvlistValue');
  if (map === undefined) return undefined;
  const entries = inside('kvlistValue', () =>
    messagesIn(map, 'values', (each) => {
      const held = messageIn(each, 'value');
      return `${JSON.stringify(textIn(each, 'key'))}:${held === undefined ? 'null' : elementOf(held, level)}`;
    }),
  );
  return `{${entries.toSorted().join(',')}}`;
}

function elementOf(value: OtlpFields, level: number): string {
  const text = scalarOf(value);
  if (text === undefined) return jsonOf(value, level + 1) ?? 'null';
  const isBare = digitsIn(value, 'intValue') !== undefined || booleanIn(value, 'boolValue') !== undefined;
  return isBare || Number.isFinite(doubleIn(value, 'doubleValue')) ? text : JSON.stringify(text);
}
