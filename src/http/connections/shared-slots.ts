/**
 * Shares a number of slots among tokens, so that no single token can take all of them. A token can take another slot only if it
 * then has no more than a multiple of the slots that were free before. With the multiple 1, a single token thus gets half of all
 * slots, and each of n busy tokens gets 1/(n + 1). With the multiple 3, a single token gets three quarters.
 */
export class SharedSlots {
  private taken = 0;
  private readonly takenByToken = new Map<number, number>();

  /**
   * @param total number of slots
   * @param multipleOfFree a token may have this many slots for each slot that is free
   */
  constructor(
    private readonly total: number,
    private readonly multipleOfFree = 1,
  ) {}

  /** The number of free slots. */
  get free(): number {
    return this.total - this.taken;
  }

  /**
   * Takes slots.
   *
   * @param count the number of slots; either all of them are taken or none
   * @returns false if too few are free, or if the token already has its share
   */
  take(tokenId: number, count = 1): boolean {
    const own = this.takenByToken.get(tokenId) ?? 0;
    const { free } = this;
    if (count > free || own + count > this.multipleOfFree * free) return false;
    this.taken += count;
    this.takenByToken.set(tokenId, own + count);
    return true;
  }

  giveBack(tokenId: number, count = 1): void {
    this.taken -= count;
    const left = this.takenByToken.get(tokenId)! - count;
    if (left === 0) this.takenByToken.delete(tokenId);
    else this.takenByToken.set(tokenId, left);
  }
}
