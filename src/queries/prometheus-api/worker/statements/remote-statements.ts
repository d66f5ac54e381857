import type { FetchedPage, Statements, StatementValue } from '../../../../sample-store/reading/statements.js';
import { MAX_PAGE_MEMORY } from '../../../../database/binary/page-memory.js';
import type { WorkerRequest } from '../evaluation-task.js';
import { type NamedSeries, type PackedNames, unpackNames } from '../packed-names.js';
import type { SeriesNames } from '../stored-selections.js';

/**
 * Gives a worker what it needs to read: the main thread runs its statements, and names the series. The pages of rows arrive as
 * Postgres sent them.
 */
export class RemoteStatements implements Statements, SeriesNames {
  private readonly waiting: ((answer: FetchedPage | PackedNames | null) => void)[] = [];

  /** The bytes of pages that are not needed any more. The main thread gets them with the next request. */
  private used: Uint8Array<ArrayBuffer>[] = [];

  constructor(private readonly send: (request: WorkerRequest, transfer: ArrayBuffer[]) => void) {}

  /** Receives the answer to the oldest request that has not been answered yet. */
  receive(answer: FetchedPage | PackedNames | null): void {
    this.waiting.shift()?.(answer);
  }

  async nextSeries(selector: number, count: number): Promise<NamedSeries[]> {
    return unpackNames((await this.ask({ kind: 'names', selector, count })) as PackedNames);
  }

  async query(sql: string, values: readonly StatementValue[]): Promise<FetchedPage> {
    return (await this.ask({ kind: 'query', sql, values })) as FetchedPage;
  }

  async *pages(sql: string, values: readonly StatementValue[], bytesPerPage: number): AsyncGenerator<FetchedPage> {
    let coming = this.ask({ kind: 'open', sql, values, bytesPerPage });
    let isOver = false;
    try {
      for (;;) {
        const page = (await coming) as FetchedPage | null;
        isOver = page === null;
        if (page === null) return;
        // The next page is on its way while this one is processed.
        coming = this.ask({ kind: 'next' });
        yield page;
        if (!('objects' in page) && page.bytes.buffer.byteLength <= MAX_PAGE_MEMORY) this.used.push(page.bytes);
      }
    } finally {
      if (!isOver) await this.ask({ kind: 'close' });
    }
  }

  private ask(request: WorkerRequest): Promise<FetchedPage | PackedNames | null> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      const { used } = this;
      this.used = [];
      this.send(
        { ...request, used },
        used.map(({ buffer }) => buffer),
      );
    });
  }
}
