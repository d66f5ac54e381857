import { pass } from '../../../test/support/machines/fake-clock.js';
import { CommitterOnScript, WAIT_MS } from '../../../test/support/machines/committer.js';
import {
  answers,
  answersAfter,
  fails,
  isSilent,
  LOST,
  REFUSED,
} from '../../../test/support/machines/scripted-store.js';
import { asking, groupOf, receiptOf } from '../../../test/support/machines/waiting-requests.js';
import { UNKNOWN_DATABASE } from '../../database/known-database.js';
import { ReceiptConflictError } from '../receipts/receipt-conflict.error.js';

const CONFLICT = () => new ReceiptConflictError();
const UNKNOWN = () => Object.assign(new Error('another database'), { code: UNKNOWN_DATABASE });
const ALREADY_STORED = expect.stringMatching(/^AlreadyStoredError/);
const NOT_STORED = expect.stringMatching(/^StoreUnavailableError: (?!.*may have been stored)/);

/** A time in milliseconds that is longer than any pause between two attempts. */
const PAUSE = 300;

/**
 * A row is conflicted if another process commits one of its receipts first; then nothing of the row is written. The requests
 * whose receipt is stored are answered, and a row of the other requests is sent. If the outcome of an earlier attempt is open, it
 * is settled first.
 */
describe('GroupCommitter with idempotency keys', () => {
  const stored = receiptOf('a');

  it('sent → conflicted → sent: answers the request that is stored elsewhere, and writes the others', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(CONFLICT)],
      ['append', answers(30)],
    ]);
    machine.storedReceipts = answers([stored]);
    const [replayed, other] = [asking([10], stored), asking([11], receiptOf('b'))];
    machine.commit(groupOf(replayed, other));
    await pass(0);
    expect(machine.store.asked).toEqual(['append 1: 10 11', 'append 1: 11']);
    expect([replayed.answers, other.answers, machine.shown]).toEqual([[ALREADY_STORED], ['stored'], ['1/1 at 30: 11']]);
  });

  it('conflicted → ended: writes nothing when all requests are stored elsewhere', async () => {
    const machine = new CommitterOnScript([['append', fails(CONFLICT)]]);
    machine.storedReceipts = answers([stored]);
    const request = asking([10], stored);
    machine.commit(groupOf(request));
    await pass(0);
    expect([request.answers, machine.ends, machine.shown]).toEqual([[ALREADY_STORED], ['ended'], []]);
  });

  it('conflicted → sent: waits a moment if the conflicting receipt has expired', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(CONFLICT)],
      ['append', answers(30)],
    ]);
    const request = asking([10], stored);
    machine.commit(groupOf(request));
    await pass(0);
    expect(machine.store.asked).toHaveLength(1);
    await pass(PAUSE);
    expect([request.answers, machine.shown]).toEqual([['stored'], ['1/1 at 30: 10']]);
  });

  it('open → conflicted → settling: the open try is settled before the row changes', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(LOST)],
      ['appendAgain', fails(CONFLICT)],
      ['settle', answers(null)],
      ['append', answers(30)],
    ]);
    machine.storedReceipts = answers([stored]);
    const [replayed, other] = [asking([10], stored), asking([11])];
    machine.commit(groupOf(replayed, other));
    await pass(PAUSE);
    expect(machine.store.asked).toEqual(['append 1: 10 11', 'appendAgain 1: 10 11', 'settle 1', 'append 2: 11']);
    expect([replayed.answers, other.answers]).toEqual([[ALREADY_STORED], ['stored']]);
  });

  it('conflicted: asks for the receipts again after an outage', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(CONFLICT)],
      ['append', answers(30)],
    ]);
    machine.storedReceipts = () => {
      machine.storedReceipts = answers([stored]);
      return fails(REFUSED)();
    };
    const [replayed, other] = [asking([10], stored), asking([11])];
    machine.commit(groupOf(replayed, other));
    await pass(PAUSE);
    expect([replayed.answers, other.answers]).toEqual([[ALREADY_STORED], ['stored']]);
  });
});

/**
 * A row is foreign if the process has since moved to another database. If the row may have been committed, the new database is
 * searched for it, and the requests are answered with success or 503. If a statement finds an unknown database, that database is
 * examined first.
 */
describe('GroupCommitter when the database changes', () => {
  const isForeign = async (hasRow: boolean) => {
    const machine = new CommitterOnScript([
      ['append', answersAfter(100, 30)],
      ['hasRowOf', answers(hasRow)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(0);
    machine.known.changeTo('elsewhere');
    machine.committer.writeAs({ id: 2, at: 0 });
    await pass(100);
    return { machine, request };
  };

  it('sent → foreign → stored: the new database has the row, and it is not shown twice', async () => {
    const { machine, request } = await isForeign(true);
    expect(machine.store.asked).toEqual(['append 1: 10', 'hasRowOf 1']);
    expect([request.answers, machine.shown, machine.ends]).toEqual([['stored'], [], ['ended']]);
  });

  it('sent → foreign → not stored: the new database lacks the row, and the request is answered 503', async () => {
    const { machine, request } = await isForeign(false);
    expect([request.answers, machine.shown, machine.ends]).toEqual([[NOT_STORED], [], ['ended']]);
  });

  it('unsent → foreign: answers 503 at once, without a query and without waiting', async () => {
    const machine = new CommitterOnScript([['append', fails(REFUSED)]]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(0);
    machine.known.changeTo('elsewhere');
    await pass(PAUSE);
    expect([request.answers, machine.store.asked]).toEqual([[NOT_STORED], ['append 1: 10']]);
    expect(machine.committer.isStalled).toBe(false);
  });

  it('sent → examined → sent: continues at once if the database is the same after all', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(UNKNOWN)],
      ['append', answers(30)],
    ]);
    let examinations = 0;
    machine.known.watchBy(
      () => ({ metric: undefined, series: undefined, token: undefined, writer: undefined }),
      () => {
        examinations++;
        return Promise.resolve();
      },
    );
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(0);
    expect([examinations, request.answers, machine.committer.isStalled]).toEqual([1, ['stored'], false]);
  });

  it('sent → examined → unsent: treats it as an outage while the database cannot be identified', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(UNKNOWN)],
      ['append', answers(30)],
    ]);
    machine.known.watchBy(
      () => ({ metric: undefined, series: undefined, token: undefined, writer: undefined }),
      isSilent,
    );
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS - 1);
    expect([request.answers, machine.store.asked.length]).toEqual([[], 1]);
    await pass(1 + PAUSE);
    expect([request.answers, machine.ends]).toEqual([[NOT_STORED], ['ended']]);
    expect(machine.store.asked).toHaveLength(1);
  });
});
