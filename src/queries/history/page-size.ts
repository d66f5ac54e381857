/**
 * Characters of names, labels and help that the rows of one page may have together. A page then is at most some 12 MB of
 * JSON: ten thousand rows of the longest labels would be a gigabyte.
 */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** Tells when a page is full: by its number of rows, or by the texts in them, whichever comes first. */
export class PageSize {
  private rows = 0;
  private characters = 0;

  constructor(private readonly maxRows: number) {}

  /**
   * Counts one more row, if it fits. The first row always does, so that every page goes on.
   *
   * @param characters of the texts in the row whose length others decide about
   */
  takes(characters: number): boolean {
    const isFull = this.rows >= this.maxRows || this.characters + characters > MAX_PAGE_CHARACTERS;
    if (isFull && this.rows > 0) return false;
    this.rows++;
    this.characters += characters;
    return true;
  }
}
