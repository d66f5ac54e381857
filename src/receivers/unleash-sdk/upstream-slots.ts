/**
 * Shares a number of slots among tokens: a token may take another slot while more slots are free than it holds. A single token
 * thus gets half of them, and each of n busy tokens gets 1/(n + 1), so that a slot stays free for the next token.
 */
export class UpstreamSlots {
  private taken = 0;
  private readonly takenByToken = new Map<number, number>();

  constructor(private readonly total: number) {}

  /** @returns false if all slots are taken, or the token has its share */
  take(tokenId: number): boolean {
    const own = this.takenByToken.get(tokenId) ?? 0;
    if (own >= this.total - this.taken) return false;
    this.taken++;
    this.takenByToken.set(tokenId, own + 1);
    return true;
  }

  giveBack(tokenId: number): void {
    this.taken--;
    const left = this.takenByToken.get(tokenId)! - 1;
    if (left === 0) this.takenByToken.delete(tokenId);
    else this.takenByToken.set(tokenId, left);
  }
}
