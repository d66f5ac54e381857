/**
 * Maximum number of characters of names, labels and help texts in the rows of one page. A page then has at most about 12 MB of
 * JSON, while ten thousand rows with the longest labels would take a gigabyte.
 */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** Decides when a page is full: when it reaches its maximum number of rows, or the maximum length of their texts. */
export class PageSize {
  private rows = 0;
  private characters = 0;

  constructor(private readonly maxRows: number) {}

  /**
   * Counts one more row if it fits. The first row always fits, so that every page makes progress.
   *
   * @param characters the total length of the texts in the row that clients chose: names, labels and help texts
   */
  takes(characters: number): boolean {
    const isFull = this.rows >= this.maxRows || this.characters + characters > MAX_PAGE_CHARACTERS;
    if (isFull && this.rows > 0) return false;
    this.rows++;
    this.characters += characters;
    return true;
  }
}

/**
 * Returns the rows that fit on one page.
 *
 * @param charactersOf returns the total length of the texts in a row that clients chose: names, labels and help texts
 */
export function firstPageOf<T>(rows: readonly T[], maxRows: number, charactersOf: (row: T) => number): readonly T[] {
  const size = new PageSize(maxRows);
  const end = rows.findIndex((row) => !size.takes(charactersOf(row)));
  return end < 0 ? rows : rows.slice(0, end);
}
