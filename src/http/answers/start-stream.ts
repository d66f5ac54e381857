/**
 * Fetches the first item of a stream and returns the whole stream, so that an error at its beginning is thrown by this function.
 *
 * The result is not a second generator around the first. If a second generator were ended before it was started, its `finally`
 * would not run, and the first generator would never release its resources.
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
