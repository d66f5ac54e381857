import fc from 'fast-check';

/** Durations of whole seconds, as PromQL writes them. */
export const seconds = (min: number, max: number) => fc.integer({ min, max }).map((number) => `${number}s`);

/**
 * The `offset` and `@` modifiers of a selector. Most selectors get none.
 *
 * @param pinnedMs the time to which some of them pin the selector, in milliseconds since the epoch
 */
export function timeModifier(pinnedMs: number): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: seconds(-400, 900).map((duration) => ` offset ${duration}`) },
    { weight: 1, arbitrary: fc.constantFrom(' @ end()', ' @ start()', ` @ ${pinnedMs / 1_000}`) },
  );
}
