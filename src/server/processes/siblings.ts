import type { Order, Sibling, StartOrder } from './messages.js';

/** The other processes of the server, as the primary last described them to this one. */
export class Siblings {
  readonly number: number;
  readonly secret: string;
  private ready: readonly Sibling[] = [];
  private scraped: number | undefined;
  private since = 0;

  constructor({ number, secret }: Pick<StartOrder, 'number' | 'secret'>) {
    this.number = number;
    this.secret = secret;
  }

  update({ siblings, scraped }: Extract<Order, { kind: 'siblings' }>): void {
    if (scraped !== this.scraped) this.since = performance.now();
    this.ready = siblings;
    this.scraped = scraped;
  }

  get others(): readonly Sibling[] {
    return this.ready.filter(({ number }) => number !== this.number);
  }

  /** Whether this process is the one that answers scrapes. */
  get isScraped(): boolean {
    return this.scraped === this.number;
  }

  /** The value of `performance.now()` when this process was last told that a different process answers scrapes. */
  get scrapedSince(): number {
    return this.since;
  }

  /** The other process that answers scrapes, or undefined if there is none. */
  get scrapedSibling(): Sibling | undefined {
    return this.others.find(({ number }) => number === this.scraped);
  }
}
