/**
 * Shares a number of slots among tokens: a token may take a further one while more are free than it holds. One token alone thus
 * gets half of them, and n greedy ones 1/(n + 1) each, so that a slot stays free for whoever comes next.
 */
export class UpstreamSlots {
  private taken = 0;
  private readonly takenByToken = new Map<number, number>();

  constructor(private readonly total: number) {}

  /** @returns false if all are taken, or this token has its share */
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
