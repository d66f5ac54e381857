import { inspect } from 'node:util';
import { describeDatabaseError, isDatabaseError } from './database-error.js';
import { REDACTED, redactText } from './redact-text.js';

/** Names whose values are secrets, without case, `-` and `_`. `tokenId` is none: it tells whose request it was. */
const SECRET_NAME = /authorization|cookie|passw(?:or)?d|passphrase|secret|credential|(?:token|apikey|privatekey)s?$/;

/** As deep as Nest prints; deeper objects are hardly read by anybody. */
const MAX_DEPTH = 6;

/** As many members of one object as Nest prints of a list in text. */
const MAX_MEMBERS = 100;

/** Bounds the work for one record: a logged tree of objects must not stop the event loop. */
const MAX_OBJECTS = 1000;

/**
 * Copies a value for the log, with every secret masked: by its name (`{ password }`) or by its look (a token, the
 * password of a `postgres://` URL).
 *
 * The copy is made of plain objects, arrays, primitives and errors only, so that nothing printed later can call a
 * `toJSON`, a getter or an inspector that brings a secret back. The value itself is not touched. Never throws.
 */
export function redactValue(value: unknown): unknown {
  return new ValueRedactor().redact(value, 0);
}

/** The work on one value: what it counted so far, and where in the value it is. */
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
      // A getter or a toJSON threw, or a proxy was revoked. A log line must not fail a request.
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

/** As JavaScript itself defines what every error has: printed because it is known, not because it is listed. */
function hidden(value: unknown): PropertyDescriptor {
  return { value, enumerable: false, configurable: true, writable: true };
}

/** A missing secret is worth seeing, and a yes or no is none. */
function isSecret(name: string, value: unknown): boolean {
  const hasValue = value !== undefined && value !== null && typeof value !== 'boolean';
  return hasValue && SECRET_NAME.test(name.toLowerCase().replaceAll(/[-_]/g, ''));
}
