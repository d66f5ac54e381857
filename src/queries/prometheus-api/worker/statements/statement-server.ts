import type { Series } from '../../../../catalog/series/series.js';
import { DatabaseChangedError } from '../../../../database/known-database.js';
import type { FetchedPage, LendingStatements } from '../../../../sample-store/reading/statements.js';
import type { Conversation } from '../conversation.js';
import { packNames } from '../packed-names.js';

/** The series that a selector selects. */
export interface SelectedNames {
  /** The series in the order of their ids. */
  readonly series: readonly Series[];
  /** Returns whether the last sample of a series before the range is a stale marker. */
  readonly isStaleBefore: (series: Series) => boolean;
}

/**
 * Answers the requests of a worker that reads, until it has read everything. The rows go to the worker as Postgres sent them.
 *
 * @throws the reason why a statement or the worker failed
 */
export async function serveStatements(
  conversation: Conversation,
  statements: LendingStatements,
  selected: readonly SelectedNames[],
): Promise<void> {
  const given = selected.map(() => 0);
  let cursor: AsyncGenerator<FetchedPage> | undefined;
  try {
    for (;;) {
      const request = await conversation.nextRequest();
      if (request === undefined) return;
      for (const bytes of request.used ?? []) statements.giveBack(bytes);
      switch (request.kind) {
        case 'names': {
          const { series, isStaleBefore } = selected[request.selector]!;
          const first = given[request.selector]!;
          const next = series.slice(first, first + request.count);
          given[request.selector] = first + next.length;
          // In the current database, the ids of these series belong to other series.
          if (next.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
          const names = packNames(next, isStaleBefore);
          conversation.say({ kind: 'names', names }, [names.ids.buffer, names.nameOf.buffer, names.flags.buffer]);
          break;
        }
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
