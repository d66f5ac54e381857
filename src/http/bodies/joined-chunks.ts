/**
 * Chunks of at least this size are kept as they are. Smaller ones are copied, because each separate chunk takes about 100 bytes
 * in addition to its data.
 */
const LARGE_CHUNK_BYTES = 1_024;

const PAGE_BYTES = 16 * 1_024;

/**
 * Joins small chunks of a body. A client may send a body in chunks of one byte; kept as separate buffers, they would need a
 * hundred times the memory of the body, and inflating them one by one would take minutes.
 */
export class JoinedChunks {
  /** The first small chunk, as long as no second one has arrived. Most bodies consist of one chunk, which is never copied. */
  private only: Buffer | undefined;
  private page: Buffer | undefined;
  private used = 0;

  /** @param pass receives the joined chunks */
  constructor(private readonly pass: (chunk: Buffer) => void) {}

  add(chunk: Buffer): void {
    if (chunk.length >= LARGE_CHUNK_BYTES) {
      this.flush();
      this.pass(chunk);
      return;
    }
    if (this.page === undefined) {
      if (this.only === undefined) {
        this.only = chunk;
        return;
      }
      this.page = Buffer.allocUnsafe(PAGE_BYTES);
      this.used = this.only.copy(this.page);
      this.only = undefined;
    }
    if (this.used + chunk.length > PAGE_BYTES) {
      this.pass(this.page.subarray(0, this.used));
      this.page = Buffer.allocUnsafe(PAGE_BYTES);
      this.used = 0;
    }
    this.used += chunk.copy(this.page, this.used);
  }

  /** Passes on the small chunks that are still waiting. */
  flush(): void {
    const { only, page } = this;
    this.only = undefined;
    this.page = undefined;
    if (only !== undefined) this.pass(only);
    else if (page !== undefined) this.pass(page.subarray(0, this.used));
  }
}
