/** Makes random choices that a seed determines, so that a failure can be reproduced. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Returns a number from 0, inclusive, to 1, exclusive. The generator is mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns a whole number in a range that includes both ends. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  isTrue(chance: number): boolean {
    return this.next() < chance;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)]!;
  }

  /** Returns up to `most` of the choices, and possibly none, in random order. */
  some<T>(choices: readonly T[], most = choices.length): T[] {
    const left = [...choices];
    const taken: T[] = [];
    for (let count = this.integer(0, Math.min(most, left.length)); count > 0; count--) {
      taken.push(left.splice(this.integer(0, left.length - 1), 1)[0]!);
    }
    return taken;
  }

  shuffled<T>(choices: readonly T[]): T[] {
    const left = [...choices];
    return choices.map(() => left.splice(Math.floor(this.next() * left.length), 1)[0]!);
  }

  /** Returns a separate sequence, so that the number of its uses does not affect other sequences. */
  fork(): SeededRandom {
    return new SeededRandom(Math.floor(this.next() * 2 ** 32));
  }
}
