/**
 * Returns the options of `@ApiProperty` for a query parameter that is one of several words. In a class that is passed to
 * `@ApiQuery`, Swagger keeps the words of an enum only if they are in a schema.
 */
export function oneOf(words: readonly string[], example?: string): object {
  return { schema: { type: 'string', enum: [...words], example } };
}
