/**
 * Maximum number of characters of names, labels and help in the rows of one page. A page then has at most some 12 MB of JSON; ten
 * thousand rows with the longest labels would have a gigabyte.
 */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** Decides when a page is full: by its number of rows or by the length of their texts, whichever comes first. */
export class PageSize {
  private rows = 0;
  private characters = 0;

  constructor(private readonly maxRows: number) {}

  /**
   * Counts one more row if it fits. The first row always fits, so that every page makes progress.
   *
   * @param characters length of the texts in the row that clients choose
   */
  takes(characters: number): boolean {
    const isFull = this.rows >= this.maxRows || this.characters + characters > MAX_PAGE_CHARACTERS;
    if (isFull && this.rows > 0) return false;
    this.rows++;
    this.characters += characters;
    return true;
  }
}
