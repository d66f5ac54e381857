import { ExpositionReader } from './exposition-reader.js';

/**
 * Maximum number of bytes by which rendering runs ahead of its fastest reader. If all readers are slow, the rendering waits and
 * does not fill the memory.
 */
const AHEAD_BYTES = 512 * 1024;

/**
 * Renders an exposition once for several readers.
 *
 * Readers join before the first chunk is rendered, so all of them see everything that was acknowledged before their request. A
 * chunk is kept until the slowest reader has taken it.
 */
export class ExpositionRendering {
  private readonly readers = new Set<ExpositionReader>();
  /** The chunks from number `firstIndex` on. Every reader has taken the earlier ones. */
  private readonly chunks: Uint8Array[] = [];
  private firstIndex = 0;
  private renderedByteCount = 0;
  private keptByteCount = 0;
  private hasEnded = false;
  private failure: { readonly error: unknown } | undefined;
  private resume: (() => void) | undefined;

  /** @param onChange is called when the rendering keeps more bytes, begins to wait for its readers, or ends */
  constructor(
    private readonly source: () => AsyncIterable<Uint8Array>,
    private readonly onChange: () => void,
  ) {}

  /** True if nothing is being rendered, because the exposition is finished or its readers are slow. */
  get isIdle(): boolean {
    return this.hasEnded || this.resume !== undefined;
  }

  get renderedBytes(): number {
    return this.renderedByteCount;
  }

  /** The number of bytes that are kept for readers. */
  get keptBytes(): number {
    return this.keptByteCount;
  }

  /** The reader with the largest lag, or undefined if there is none. */
  get slowestReader(): ExpositionReader | undefined {
    let slowest: ExpositionReader | undefined;
    for (const reader of this.readers) if (slowest === undefined || reader.lag > slowest.lag) slowest = reader;
    return slowest;
  }

  /**
   * Adds a reader. This is possible only before {@link run}.
   *
   * @param onCut is called when the reader is ended because it is too slow
   */
  join(onCut: () => void): ExpositionReader {
    const reader = new ExpositionReader(this, onCut);
    this.readers.add(reader);
    return reader;
  }

  /** Renders the exposition. The promise resolves when it is finished, has failed, or has no readers left. */
  async run(): Promise<void> {
    try {
      if (this.readers.size > 0) await this.render();
    } catch (error) {
      this.failure = { error };
    }
    this.hasEnded = true;
    this.wakeReaders();
    this.onChange();
  }

  private async render(): Promise<void> {
    for await (const chunk of this.source()) {
      this.chunks.push(chunk);
      this.renderedByteCount += chunk.length;
      this.keptByteCount += chunk.length;
      this.wakeReaders();
      this.onChange();
      while (this.readers.size > 0 && this.leastLag() > AHEAD_BYTES) {
        const resumed = new Promise<void>((resolve) => (this.resume = resolve));
        this.onChange();
        await resumed;
      }
      if (this.readers.size === 0) return;
    }
  }

  private leastLag(): number {
    let least = Infinity;
    for (const { lag } of this.readers) least = Math.min(least, lag);
    return least;
  }

  private wakeReaders(): void {
    for (const reader of this.readers) reader.wake();
  }

  /**
   * Returns a chunk to a reader.
   *
   * @returns 'later' for a chunk that is not rendered yet, undefined after the last one
   * @throws the error with which the rendering failed
   */
  chunkAt(index: number): Uint8Array | 'later' | undefined {
    const chunk = this.chunks[index - this.firstIndex];
    if (chunk !== undefined) return chunk;
    if (!this.hasEnded) return 'later';
    if (this.failure !== undefined) throw this.failure.error;
    return undefined;
  }

  /** Drops chunks that are no longer needed. A reader calls this when it has taken a chunk or has left. */
  release(leaving?: ExpositionReader): void {
    if (leaving !== undefined) this.readers.delete(leaving);
    let least = Infinity;
    for (const { index } of this.readers) least = Math.min(least, index);
    const taken = this.chunks.splice(0, Math.min(least - this.firstIndex, this.chunks.length));
    for (const { length } of taken) this.keptByteCount -= length;
    this.firstIndex += taken.length;
    this.resume?.();
    this.resume = undefined;
  }
}
