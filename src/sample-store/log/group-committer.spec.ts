import { pass } from '../../../test/support/machines/fake-clock.js';
import { CommitterOnScript, WAIT_MS } from '../../../test/support/machines/committer.js';
import {
  answers,
  answersAfter,
  fails,
  failsAfter,
  isSilent,
  LOST,
  OUT_OF_RANGE,
  REFUSED,
} from '../../../test/support/machines/scripted-store.js';
import { asking, groupOf } from '../../../test/support/machines/waiting-requests.js';

const NOT_STORED = expect.stringMatching(/^StoreUnavailableError: (?!.*may have been stored)/);
const MAY_BE_STORED = expect.stringMatching(/^StoreUnavailableError: .*may have been stored/);

/** A time in milliseconds that is longer than any pause between two attempts. */
const PAUSE = 300;

/**
 * The states of a row are unsent (no attempt to write it can have been committed), sent (an attempt is running), open (an attempt
 * has ended with an unknown outcome), and settling (an empty row is being inserted under its key). At the end, a row is
 * published, not written, or failed with a permanent error.
 *
 * Unsent leads to sent. Sent leads to published after the answer, back to unsent after an error that proves that nothing was
 * written, to open when the connection is lost, and to settling when no answer comes. Open leads to sent again under the same
 * key, and to settling when a request is overdue. Settling leads to published, or to unsent under the next key.
 */
describe('GroupCommitter', () => {
  it('sent → published: shows the row, then answers each request', async () => {
    const machine = new CommitterOnScript([['append', answers(30)]]);
    const [one, other] = [asking([10, 11]), asking([12])];
    machine.commit(groupOf(one, other));
    await pass(0);
    expect(machine.store.asked).toEqual(['append 1: 10 11 12']);
    expect(machine.shown).toEqual(['1/1 at 30: 10 11 12']);
    expect([one.answers, other.answers, machine.ends]).toEqual([['stored'], ['stored'], ['ended']]);
  });

  it('gives each row the next sequence number, and starts again with another writer', async () => {
    const machine = new CommitterOnScript([
      ['append', answers(30)],
      ['append', answers(31)],
      ['append', answers(32)],
    ]);
    for (const id of [10, 11]) {
      machine.commit(groupOf(asking([id])));
      await pass(0);
    }
    machine.committer.writeAs({ id: 2, at: 0 });
    machine.commit(groupOf(asking([12])));
    await pass(0);
    expect(machine.shown).toEqual(['1/1 at 30: 10', '1/2 at 31: 11', '2/1 at 32: 12']);
  });

  it('sent → unsent → sent: a try that was certainly not committed is repeated under its key', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(REFUSED)],
      ['append', fails(REFUSED)],
      ['append', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(0);
    expect(machine.committer.isStalled).toBe(true);
    await pass(PAUSE);
    expect(machine.store.asked).toEqual(['append 1: 10', 'append 1: 10', 'append 1: 10']);
    expect([request.answers, machine.shown, machine.committer.isStalled]).toEqual([
      ['stored'],
      ['1/1 at 30: 10'],
      false,
    ]);
  });

  it('unsent → not written: an outage that outlasts the wait is answered 503 with "not stored"', async () => {
    const machine = new CommitterOnScript([['append', fails(REFUSED), 'repeatedly']]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS - PAUSE);
    expect([request.answers, machine.ends]).toEqual([[], []]);
    await pass(2 * PAUSE);
    expect([request.answers, machine.ends]).toEqual([[NOT_STORED], ['ended']]);
    expect([machine.shown, machine.unknownOutcomes]).toEqual([[], 0]);
    const { length } = machine.store.asked;
    await pass(WAIT_MS);
    expect(machine.store.asked).toHaveLength(length);
  });

  it('unsent: leaves the overdue request out, and stores the one that has time left', async () => {
    const tries = Array.from({ length: 20 }, () => ['append', fails(REFUSED)] as const);
    const machine = new CommitterOnScript([...tries, ['append', answers(30)]]);
    const overdue = asking([10]);
    await pass(WAIT_MS - 1_000);
    const young = asking([11]);
    machine.commit(groupOf(overdue, young));
    await pass(WAIT_MS);
    expect([overdue.answers, young.answers]).toEqual([[NOT_STORED], ['stored']]);
    expect(machine.store.asked.at(-1)).toBe('append 1: 11');
    expect(machine.shown).toEqual(['1/1 at 30: 11']);
  });

  it('unsent → not written: a request with little time left is not tried while Postgres accepts no commits', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(REFUSED), 'repeatedly'],
      ['settle', isSilent, 'repeatedly'],
    ]);
    const first = asking([10]);
    await pass(50);
    const queued = asking([11]);
    machine.commit(groupOf(first));
    await pass(WAIT_MS);
    expect([first.answers, machine.ends]).toEqual([[NOT_STORED], ['ended']]);
    const { length } = machine.store.asked;
    machine.commit(groupOf(queued));
    await pass(0);
    expect([queued.answers, machine.store.asked.length]).toEqual([[NOT_STORED], length]);
  });

  it('sent → failed: a permanent error is thrown at once', async () => {
    const machine = new CommitterOnScript([['append', fails(OUT_OF_RANGE)]]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(0);
    expect([machine.ends, machine.store.asked.length]).toEqual([['integer out of range'], 1]);
    expect([request.answers, machine.committer.isStalled]).toEqual([[], false]);
  });

  it('sent → open → published: after a lost connection the row is sent again under the same key', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(LOST)],
      ['appendAgain', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(PAUSE);
    expect(machine.store.asked).toEqual(['append 1: 10', 'appendAgain 1: 10']);
    expect([request.answers, machine.shown]).toEqual([['stored'], ['1/1 at 30: 10']]);
  });

  it('open → published: a row that was compacted meanwhile is read with all others, and not shown twice', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(LOST)],
      ['appendAgain', answers('compacted')],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(PAUSE);
    expect([request.answers, machine.shown, machine.reloads]).toEqual([['stored'], [], 1]);
  });

  it('open → settling: whatever a later try says, the row is settled before a request is answered 503', async () => {
    const machine = new CommitterOnScript([
      ['append', fails(LOST)],
      ['appendAgain', fails(OUT_OF_RANGE), 'repeatedly'],
      ['settle', answers(null)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS + 2 * PAUSE);
    expect(machine.store.asked.filter((each) => each.startsWith('settle'))).toEqual(['settle 1']);
    expect([request.answers, machine.ends, machine.shown]).toEqual([[NOT_STORED], ['ended'], []]);
  });

  it('open → settling: an overdue request is not answered before the row is settled', async () => {
    const machine = new CommitterOnScript([
      ['append', failsAfter(200, LOST)],
      ['settle', answersAfter(100, null)],
    ]);
    const request = asking([10]);
    await pass(WAIT_MS - 100);
    machine.commit(groupOf(request));
    await pass(201);
    expect(request.answers).toEqual([]);
    await pass(PAUSE);
    expect([request.answers, machine.unknownOutcomes]).toEqual([[NOT_STORED], 0]);
  });

  it('sent → settling: without an answer in half of the wait, opens new connections and settles the row', async () => {
    const machine = new CommitterOnScript([
      ['append', isSilent],
      ['settle', answers(null)],
      ['append', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS / 2 - 1);
    expect([machine.store.distrusted, machine.store.asked.length]).toEqual([0, 1]);
    await pass(PAUSE);
    expect(machine.store.distrusted).toBe(1);
    expect(machine.store.asked).toEqual(['append 1: 10', 'settle 1', 'append 2: 10']);
    expect([request.answers, machine.shown]).toEqual([['stored'], ['1/2 at 30: 10']]);
  });

  it('settling → published: the row turns out to be stored', async () => {
    const machine = new CommitterOnScript([
      ['append', isSilent],
      ['settle', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS / 2 + PAUSE);
    expect([request.answers, machine.shown, machine.ends]).toEqual([['stored'], ['1/1 at 30: 10'], ['ended']]);
  });

  it('settling → published: the late answer to the first try is taken if it comes first', async () => {
    const machine = new CommitterOnScript([
      ['append', answersAfter(WAIT_MS / 2 + 500, 30)],
      ['settle', isSilent],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS / 2 + 600);
    expect([request.answers, machine.shown]).toEqual([['stored'], ['1/1 at 30: 10']]);
  });

  it('settling → unsent: a late error of the first try proves that nothing was written', async () => {
    const machine = new CommitterOnScript([
      ['append', failsAfter(WAIT_MS / 2 + 500, OUT_OF_RANGE)],
      ['settle', isSilent],
      ['append', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS / 2 + 600);
    expect(machine.store.asked).toEqual(['append 1: 10', 'settle 1', 'append 2: 10']);
    expect([request.answers, machine.shown]).toEqual([['stored'], ['1/2 at 30: 10']]);
  });

  it('settling: answers 503 with "may be stored" when the time is up, and shows the row when its outcome is known', async () => {
    const machine = new CommitterOnScript([
      ['append', isSilent],
      ['settle', isSilent],
      ['settle', answers(30)],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    await pass(WAIT_MS - 10);
    expect(request.answers).toEqual([]);
    await pass(20);
    expect([request.answers, machine.unknownOutcomes, machine.ends]).toEqual([[MAY_BE_STORED], 1, []]);
    await pass(PAUSE);
    expect([machine.shown, machine.ends]).toEqual([['1/1 at 30: 10'], ['ended']]);
    expect(machine.unknownOutcomes).toBe(1);
  });

  it('settling → stopped: a stop does not wait for a row whose requests all have their answers', async () => {
    const machine = new CommitterOnScript([
      ['append', isSilent],
      ['settle', isSilent, 'repeatedly'],
    ]);
    const request = asking([10]);
    machine.commit(groupOf(request));
    machine.committer.stop();
    await pass(WAIT_MS - 10);
    expect(machine.ends).toEqual([]);
    await pass(20);
    expect([request.answers, machine.ends]).toEqual([[MAY_BE_STORED], ['ended']]);
  });
});
