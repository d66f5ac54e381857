/** Maximum number of pieces that are kept: the pages that are under way for two large queries at a time. */
const MAX_KEPT = 8;

/** Maximum size of a kept piece. Larger pages are rare, and their memory costs little compared to decoding them. */
export const MAX_PAGE_MEMORY = 2 * 1024 * 1024;

/** A piece is not taken for a page that needs less than this share of it. */
const LEAST_SHARE = 0.25;

/**
 * Memory for pages of rows that is used again when the receiver of a page no longer needs it. New memory for each page makes the garbage
 * collector of the receiving thread work through its whole heap in every large query, and the system has to clear it.
 */
export class PageMemory {
  private readonly kept: ArrayBuffer[] = [];

  /** Returns kept memory of at least this size with any content, or undefined if there is none that fits. */
  take(bytes: number): Uint8Array<ArrayBuffer> | undefined {
    const fits = ({ byteLength }: ArrayBuffer) => byteLength >= bytes && byteLength * LEAST_SHARE <= bytes;
    const place = this.kept.findLastIndex(fits);
    return place < 0 ? undefined : new Uint8Array(this.kept.splice(place, 1)[0]!);
  }

  /** Takes back the whole buffer of a page, even if the page used only a part of it. */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength > MAX_PAGE_MEMORY) return;
    if (this.kept.length === MAX_KEPT) this.kept.shift();
    this.kept.push(buffer);
  }
}
