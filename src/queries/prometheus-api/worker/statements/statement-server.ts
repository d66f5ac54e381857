import type { Series } from '../../../../catalog/series/series.js';
import { DatabaseChangedError } from '../../../../database/known-database.js';
import type { FetchedPage, LendingStatements } from '../../../../sample-store/reading/statements.js';
import type { Conversation } from '../conversation.js';
import type { WorkerRequest } from '../evaluation-task.js';
import { packNames } from '../packed-names.js';

/** The series that a selector selects. */
export interface SelectedNames {
  /** The series in the order of their ids. */
  readonly series: readonly Series[];
  /** Returns whether the last sample of a series before the range is a stale marker. */
  readonly isStaleBefore: (series: Series) => boolean;
}

/** Names the series that a worker reads. */
class NameServer {
  private readonly given: number[];

  constructor(
    private readonly conversation: Conversation,
    private readonly selected: readonly SelectedNames[],
  ) {
    this.given = selected.map(() => 0);
  }

  answer({ selector, count }: Extract<WorkerRequest, { kind: 'names' }>): void {
    const { series, isStaleBefore } = this.selected[selector]!;
    const first = this.given[selector]!;
    const next = series.slice(first, first + count);
    this.given[selector] = first + next.length;
    // In the current database, the ids of these series belong to other series.
    if (next.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
    const names = packNames(next, isStaleBefore);
    this.conversation.say({ kind: 'names', names }, [names.ids.buffer, names.nameOf.buffer, names.flags.buffer]);
  }

  /** Answers requests until one needs a statement. Returns that one, or undefined when everything is read. */
  async answerWhileNames(): Promise<WorkerRequest | undefined> {
    for (;;) {
      const request = await this.conversation.nextRequest();
      if (request?.kind !== 'names') return request;
      this.answer(request);
    }
  }
}

/**
 * Answers the requests of a worker that reads, until it has read everything. The rows go to the worker as Postgres sent them.
 *
 * @param withStatements runs a task with the statements of a view. Meanwhile, the worker gets the names of the series, which need none
 * @throws the reason why a statement or the worker failed
 */
export async function serveWorker(
  conversation: Conversation,
  withStatements: (task: (statements: LendingStatements) => Promise<void>) => Promise<void>,
  selected: readonly SelectedNames[],
): Promise<void> {
  const names = new NameServer(conversation, selected);
  const first = names.answerWhileNames();
  // If the view can't be opened, that is the reason to report.
  first.catch(() => undefined);
  await withStatements(async (statements) => serveStatements(conversation, statements, names, await first));
}

async function serveStatements(
  conversation: Conversation,
  statements: LendingStatements,
  names: NameServer,
  first: WorkerRequest | undefined,
): Promise<void> {
  let cursor: AsyncGenerator<FetchedPage> | undefined;
  try {
    for (let request = first; request !== undefined; request = await conversation.nextRequest()) {
      for (const bytes of request.used ?? []) statements.giveBack(bytes);
      switch (request.kind) {
        case 'names':
          names.answer(request);
          break;
        case 'query':
          sendPage(conversation, await statements.query(request.sql, request.values));
          break;
        case 'open':
          cursor = statements.pages(request.sql, request.values, request.bytesPerPage);
          sendPage(conversation, await nextOf(cursor));
          break;
        case 'next':
          sendPage(conversation, await nextOf(cursor!));
          break;
        case 'close':
          await cursor!.return(undefined);
          sendPage(conversation, null);
      }
    }
  } finally {
    await cursor?.return(undefined);
  }
}

async function nextOf(cursor: AsyncGenerator<FetchedPage>): Promise<FetchedPage | null> {
  const { done, value } = await cursor.next();
  return done === true ? null : value;
}

function sendPage(conversation: Conversation, page: FetchedPage | null): void {
  const transfer = page === null || 'objects' in page ? [] : [page.bytes.buffer, page.ends.buffer];
  conversation.say({ kind: 'page', page }, transfer);
}
