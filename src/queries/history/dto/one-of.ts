/**
 * Returns the options of `@ApiProperty` for a choice between words. For the properties of the type of an `@ApiQuery`, Swagger keeps
 * the words of an enum only if they are in a schema.
 */
export function oneOf(words: readonly string[], example?: string): object {
  return { schema: { type: 'string', enum: [...words], example } };
}
