const INITIAL_SYMBOLS = 256;

/**
 * The symbols of a request of version 2.0, stored as their places in the message. A symbol becomes a string only when it is
 * needed.
 */
export class Symbols {
  private places = new Int32Array(2 * INITIAL_SYMBOLS);
  private readonly texts: (string | undefined)[] = [];

  /** @param decode returns the text of bytes, and throws if they are not UTF-8 */
  constructor(private readonly decode: (start: number, end: number) => string) {}

  get count(): number {
    return this.texts.length;
  }

  add(start: number, end: number): void {
    const { length } = this.texts;
    if (2 * length === this.places.length) {
      const larger = new Int32Array(2 * this.places.length);
      larger.set(this.places);
      this.places = larger;
    }
    this.places[2 * length] = start;
    this.places[2 * length + 1] = end;
    this.texts.push(undefined);
  }

  startOf(index: number): number {
    return this.places[2 * index]!;
  }

  endOf(index: number): number {
    return this.places[2 * index + 1]!;
  }

  /** Returns the text of a symbol; undefined if there is no such symbol. */
  textOf(index: number): string | undefined {
    if (index >= this.count) return undefined;
    return (this.texts[index] ??= this.decode(this.startOf(index), this.endOf(index)));
  }
}
