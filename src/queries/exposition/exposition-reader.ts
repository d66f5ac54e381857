/** An exposition that is being rendered, as its readers see it. */
interface ReadableExposition {
  readonly renderedBytes: number;
  /** Returns the chunk with this number. The result is 'later' if the chunk is not rendered yet, and undefined after the end. */
  chunkAt(index: number): Uint8Array | 'later' | undefined;
  /** Drops the chunks that no reader needs, and forgets a reader that has left. */
  release(leaving?: ExpositionReader): void;
}

/** Reads an exposition from beginning to end, at its own pace. */
export class ExpositionReader {
  private takenChunks = 0;
  private takenBytes = 0;
  private hasLeft = false;
  private wakeUp: (() => void) | undefined;

  constructor(
    private readonly rendering: ReadableExposition,
    private readonly onCut: () => void,
  ) {}

  /** The number of the next chunk. */
  get index(): number {
    return this.takenChunks;
  }

  /** The number of rendered bytes that the reader has not taken yet. */
  get lag(): number {
    return this.rendering.renderedBytes - this.takenBytes;
  }

  /**
   * Takes the next chunk as soon as it is rendered.
   *
   * @returns undefined at the end, or if the reader has left
   * @throws the error with which the rendering failed
   */
  async next(): Promise<Uint8Array | undefined> {
    while (!this.hasLeft) {
      const chunk = this.rendering.chunkAt(this.takenChunks);
      if (chunk !== 'later') {
        if (chunk === undefined) return undefined;
        this.takenChunks++;
        this.takenBytes += chunk.length;
        this.rendering.release();
        return chunk;
      }
      await new Promise<void>((resolve) => (this.wakeUp = resolve));
    }
    return undefined;
  }

  /** Stops reading. No further chunk is kept for this reader. */
  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.rendering.release(this);
    this.wake();
  }

  /** Ends the reading and calls `onCut`, because this reader is too slow. */
  cut(): void {
    if (this.hasLeft) return;
    this.leave();
    this.onCut();
  }

  /** Continues reading. The rendering calls this when there is another chunk or when it ends. */
  wake(): void {
    this.wakeUp?.();
    this.wakeUp = undefined;
  }
}
