/** Maximum number of findings that are kept, which is enough to understand what is wrong. */
const KEPT = 60;

/** Collects observations that must not occur. The run stops at the first check that finds one. */
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
