import type { Series } from '../../../../catalog/series/series.js';
import type { LendingStatements } from '../../../../sample-store/reading/statements.js';
import type { Conversation } from '../conversation.js';
import type { MessageToWorker, WorkerRequest } from '../evaluation-task.js';
import { serveWorker } from './statement-server.js';

const SERIES = [1, 2, 3].map((id) => ({
  id,
  labelsText: `a="${id}"`,
  kind: 'gauge',
  metric: { name: 'x', type: 'gauge' },
}));
const SELECTED = [{ series: SERIES as unknown as Series[], isStaleBefore: () => false }];

/** A conversation with a worker that has already sent some requests. */
function conversationWith(requests: WorkerRequest[], said: MessageToWorker[]): Conversation {
  const nextRequest = () => Promise.resolve(requests.shift());
  return { nextRequest, say: (message: MessageToWorker) => said.push(message) } as unknown as Conversation;
}

describe('serveWorker', () => {
  it('names series before the view is open, and runs statements after that', async () => {
    const page = { objects: [{ id: 1 }] };
    const given: Uint8Array[] = [];
    const statements = {
      query: () => Promise.resolve(page),
      giveBack: (bytes: Uint8Array) => given.push(bytes),
    } as unknown as LendingStatements;
    const used = [Uint8Array.of(1)];
    const requests: WorkerRequest[] = [
      { kind: 'names', selector: 0, count: 2 },
      { kind: 'query', sql: 'SELECT 1', values: [], used },
      { kind: 'names', selector: 0, count: 2 },
    ];
    const said: MessageToWorker[] = [];
    const conversation = conversationWith(requests, said);
    const withStatements = async (task: (statements: LendingStatements) => Promise<void>) => {
      await new Promise(setImmediate);
      expect(said.map(({ kind }) => kind)).toEqual(['names']);
      await task(statements);
    };
    await serveWorker(conversation, withStatements, SELECTED);
    expect(said).toMatchObject([
      { kind: 'names', names: { ids: Int32Array.of(1, 2) } },
      { kind: 'page', page },
      { kind: 'names', names: { ids: Int32Array.of(3) } },
    ]);
    expect(given).toEqual(used);
  });

  it('reports why the view could not be opened', async () => {
    const conversation = conversationWith([], []);
    const away = () => Promise.reject(new Error('away'));
    await expect(serveWorker(conversation, away, SELECTED)).rejects.toThrow('away');
  });
});
