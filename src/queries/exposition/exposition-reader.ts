/** A page that is being rendered, as far as its readers see it. */
interface ReadableExposition {
  readonly renderedBytes: number;
  /** The chunk of this number, 'later' if it is not rendered yet, undefined after the end. */
  chunkAt(index: number): Uint8Array | 'later' | undefined;
  /** Drops the chunks that nobody reads any more, and forgets the reader if it has left. */
  release(leaving?: ExpositionReader): void;
}

/** Reads a page from its beginning to its end, at its own pace. */
export class ExpositionReader {
  private takenChunks = 0;
  private takenBytes = 0;
  private hasLeft = false;
  private wakeUp: (() => void) | undefined;

  constructor(
    private readonly rendering: ReadableExposition,
    private readonly onCut: () => void,
  ) {}

  /** The number of the chunk that it takes next. */
  get index(): number {
    return this.takenChunks;
  }

  /** The bytes that are rendered and that it has not taken. */
  get lag(): number {
    return this.rendering.renderedBytes - this.takenBytes;
  }

  /**
   * Takes the next chunk as soon as it is rendered.
   *
   * @returns undefined at the end, or if the reader has left
   * @throws whatever the rendering failed with
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

  /** Stops reading; from now on nothing is kept for this reader. */
  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.rendering.release(this);
    this.wake();
  }

  /** Takes the page away from a reader that is too slow. */
  cut(): void {
    if (this.hasLeft) return;
    this.leave();
    this.onCut();
  }

  /** For the rendering: there is a further chunk, or the end. */
  wake(): void {
    this.wakeUp?.();
    this.wakeUp = undefined;
  }
}
