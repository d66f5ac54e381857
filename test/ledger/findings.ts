/** Of one kind of finding the first are enough to understand it. */
const KEPT = 60;

/** What was seen that must not be. The run stops at the first check that finds something here. */
export class Findings {
  private readonly texts: string[] = [];
  private count = 0;

  add(text: string): void {
    this.count++;
    if (this.texts.length < KEPT) this.texts.push(`${new Date().toISOString()} ${text}`);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  toString(): string {
    const more = this.count > this.texts.length ? `\n… and ${this.count - this.texts.length} more` : '';
    return this.texts.join('\n') + more;
  }
}
