import { inspect } from 'node:util';
import { describeDatabaseError, isDatabaseError } from './database-error.js';
import { REDACTED, redactText } from './redact-text.js';

/**
 * Matches names whose values are secrets, in lower case without `-` and `_`. `tokenId` does not match, because it is not secret.
 */
const SECRET_NAME = /authorization|cookie|passw(?:or)?d|passphrase|secret|credential|(?:token|apikey|privatekey)s?$/;

/** Maximum depth. Nest prints objects to the same depth. */
const MAX_DEPTH = 6;

/** Maximum number of members of one object, which is the number of list members that Nest prints in text. */
const MAX_MEMBERS = 100;

/** Maximum number of objects in one logged value, so that a large tree of objects does not block the event loop. */
const MAX_OBJECTS = 1000;

/**
 * Copies a value for the log and masks every secret, by its name (`{ password }`) or by its form (a token, the password of a
 * `postgres://` URL).
 *
 * The copy consists of plain objects, arrays, primitives and errors only, so that printing it can't call a `toJSON`, a getter or
 * an inspector that reveals a secret. The value itself is not changed. The function never throws.
 */
export function redactValue(value: unknown): unknown {
  return new ValueRedactor().redact(value, 0);
}

/** Redacts one value. It counts the objects of the value and remembers the ancestors of the current one. */
class ValueRedactor {
  private objectCount = 0;
  private readonly ancestors: object[] = [];

  redact(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'symbol') return redactText(String(value));
    if (typeof value === 'function') return redactText(`[Function ${value.name}]`);
    if (typeof value !== 'object' || value === null) return value;
    if (this.ancestors.includes(value)) return '[Circular]';
    if (depth >= MAX_DEPTH || ++this.objectCount > MAX_OBJECTS) return '[Truncated]';
    this.ancestors.push(value);
    try {
      return this.redactObject(value, depth + 1);
    } catch {
      // A getter or a toJSON has thrown, or a proxy was revoked. Logging must not make a request fail.
      return '[Unreadable]';
    } finally {
      this.ancestors.pop();
    }
  }

  private redactObject(value: object, depth: number): unknown {
    if (value instanceof Error) return this.redactError(value, depth);
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
    if (value instanceof RegExp) return redactText(String(value));
    if (value instanceof Map) return this.redactEntries([...value], depth);
    if (Array.isArray(value) || value instanceof Set) return this.redactItems([...value], depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.redact(value.toJSON(), depth);
    return this.redactEntries(Object.entries(value), depth);
  }

  private redactItems(items: readonly unknown[], depth: number): unknown[] {
    const shown = items.slice(0, MAX_MEMBERS).map((item) => this.redact(item, depth));
    return items.length > MAX_MEMBERS ? [...shown, `[${items.length - MAX_MEMBERS} more]`] : shown;
  }

  private redactEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): object {
    const shown = entries.slice(0, MAX_MEMBERS).map(([key, value]) => {
      const name = redactText(typeof key === 'string' ? key : inspect(key, { depth: -1 }));
      return [name, isSecret(name, value) ? REDACTED : this.redact(value, depth)];
    });
    const rest = entries.length > MAX_MEMBERS ? [['...', `[${entries.length - MAX_MEMBERS} more]`]] : [];
    return Object.fromEntries([...shown, ...rest]) as object;
  }

  private redactError(error: Error, depth: number): Error {
    const properties = isDatabaseError(error) ? describeDatabaseError(error) : error;
    return Object.defineProperties(new Error(), {
      ...Object.getOwnPropertyDescriptors(this.redactEntries(Object.entries(properties), depth)),
      name: hidden(this.redact(error.name, depth)),
      message: hidden(this.redact(error.message, depth)),
      stack: hidden(this.redact(error.stack, depth)),
      ...('cause' in error && { cause: hidden(this.redact(error.cause, depth)) }),
      ...('errors' in error && { errors: hidden(this.redact(error.errors, depth)) }),
    });
  }
}

/** Defines a property that is not enumerable, as JavaScript does for the standard properties of errors. */
function hidden(value: unknown): PropertyDescriptor {
  return { value, enumerable: false, configurable: true, writable: true };
}

/** Returns whether a property is a secret. Missing values and booleans are shown, because they reveal no secret. */
function isSecret(name: string, value: unknown): boolean {
  const hasValue = value !== undefined && value !== null && typeof value !== 'boolean';
  return hasValue && SECRET_NAME.test(name.toLowerCase().replaceAll(/[-_]/g, ''));
}
