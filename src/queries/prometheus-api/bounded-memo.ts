interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/**
 * Remembers values by text keys, in at most a number of bytes. The value that was used longest ago is forgotten first.
 */
export class BoundedMemo<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private usedBytes = 0;

  /**
   * @param maxBytes maximum of the bytes of all values together
   * @param isOutdated whether a value is to be forgotten although there is room for it, as soon as it is the oldest
   */
  constructor(
    private readonly maxBytes: number,
    private readonly isOutdated: (value: Value) => boolean = () => false,
  ) {}

  /** Estimated memory in use, in bytes. */
  get bytes(): number {
    return this.usedBytes;
  }

  /** Returns the value of a key, or undefined if it is not remembered. */
  find(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    // It moves to the end of the map, so that it is forgotten last.
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** @param bytes estimated memory of the key and the value; a value with more than the limit is not remembered */
  remember(key: string, value: Value, bytes: number): void {
    this.forget(key);
    if (bytes > this.maxBytes) return;
    this.entries.set(key, { value, bytes });
    this.usedBytes += bytes;
    for (const [oldest, entry] of this.entries) {
      if (this.usedBytes <= this.maxBytes && !this.isOutdated(entry.value)) break;
      this.forget(oldest);
    }
  }

  forget(key: string): void {
    this.usedBytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}
