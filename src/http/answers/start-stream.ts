/**
 * Fetches the first item of a stream, so that an error at its beginning is thrown here, and gives back all of it.
 *
 * No generator around a generator: one that is ended before it was started does not run its `finally`, and what the
 * inner one holds would never be let go.
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
