/** Maximum number of elements in a list that is an option. Copying and checking a much longer list would take seconds. */
const MAX_ELEMENTS = 10_000;

/** The own enumerable properties of an object, each of which was read once. */
export interface OwnValues {
  readonly values: readonly (readonly [name: string, value: unknown])[];
  /** The properties that can't be read, and options that the object only inherits. */
  readonly problems: readonly { readonly name: string; readonly problem: string }[];
}

/** Returns whether a value is an object that can have options, and not a list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the properties of an object of the host, whose getters may throw.
 *
 * @param known names of options. Inherited ones are reported as problems, because they would otherwise be ignored silently
 * @returns undefined for an object that can't be read, or that is not meant to have options, such as a Date
 */
export function ownValuesOf(given: object, known: readonly string[]): OwnValues | undefined {
  try {
    const names = Object.keys(given);
    const prototype = Object.getPrototypeOf(given) as object | null;
    const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
    const inherited = isPlain ? [] : known.filter((name) => name in given && !Object.hasOwn(given, name));
    if (!isPlain && names.length + inherited.length === 0) return undefined;
    const problems = inherited.map((name) => ({
      name,
      problem: 'is inherited; allowed: a property of the object itself',
    }));
    const values: [string, unknown][] = [];
    for (const name of names) {
      try {
        values.push([name, (given as Record<string, unknown>)[name]]);
      } catch (error) {
        problems.push({
          name,
          problem: `can't be read: ${error instanceof Error ? error.message : 'its getter throws'}`,
        });
      }
    }
    return { values, problems };
  } catch {
    return undefined;
  }
}

/**
 * Copies a list and the objects in it, so that its owner can't change it after the check. Other values are returned unchanged.
 *
 * @throws RangeError for a list that is too long, and the errors of getters
 */
export function snapshotOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  if (value.length > MAX_ELEMENTS) throw new RangeError(`more than ${MAX_ELEMENTS} elements`);
  return Array.from(value, (element: unknown) => (isObject(element) ? { ...element } : element));
}
