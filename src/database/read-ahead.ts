/**
 * Yields pages one after another. Postgres reads the next page while the caller processes one, so the caller must not use the same
 * connection meanwhile.
 *
 * @param read reads the page that follows the given one, or the first page; undefined if there is none
 * @throws the error of a read, when the caller asks for that page
 */
export async function* readAhead<Page>(
  read: (before: Page | undefined) => Promise<Page | undefined>,
): AsyncGenerator<Page> {
  for (let page = await read(undefined); page !== undefined;) {
    const next = read(page);
    // The error is thrown by the last await. Without this handler it would end the process as an unhandled rejection.
    const settled = next.catch(() => undefined);
    try {
      yield page;
    } finally {
      // The page is awaited even if it is no longer needed, because a connection processes one query after another.
      await settled;
    }
    page = await next;
  }
}
