/**
 * Fetches the first item of a stream, so that an error at its beginning is thrown here, and returns the whole stream.
 *
 * The result is not a generator around the generator: if it were ended before it was started, its `finally` would not run, and
 * the inner generator would never release its resources.
 */
export async function startStream<T>(items: AsyncGenerator<T>): Promise<AsyncIterable<T>> {
  let first: IteratorResult<T> | undefined = await items.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        if (first === undefined) return items.next();
        const result = first;
        first = undefined;
        return Promise.resolve(result);
      },
      return: () => items.return(undefined),
    }),
  };
}
