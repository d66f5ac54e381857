import { NOW, pass } from '../../../test/support/machines/fake-clock.js';
import { asking, groupOf, receiptOf } from '../../../test/support/machines/waiting-requests.js';
import { DatabaseClock } from '../../database/database-clock.js';

const idsOf = (row: { readonly seriesIds: Int32Array }) => [...row.seriesIds];

/** A request is waiting, answered (but still part of the row, which may be stored), or dropped from the row. */
describe('CommitGroup', () => {
  it('is one row without times while its requests are fresh', () => {
    const group = groupOf(asking([1, 2]), asking([3]));
    const row = group.toRow(new DatabaseClock());
    expect([idsOf(row), row.timestamps, row.receipts]).toEqual([[1, 2, 3], null, []]);
    expect(group.toRow(new DatabaseClock())).toBe(row);
  });

  it('gives samples the arrival time of their request, by the database clock, once the request has waited long', async () => {
    const clock = new DatabaseClock();
    clock.observe(NOW + 10_000, performance.now());
    const old = asking([1]);
    await pass(51);
    const group = groupOf(old, asking([2]));
    expect([...group.toRow(clock).timestamps!]).toEqual([NOW + 10_000, NOW + 10_051]);
  });

  it.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])(
    'gives them the right time although the clock of this process is set %s by an hour meanwhile',
    async (_way, byMs) => {
      const clock = new DatabaseClock();
      clock.observe(NOW, performance.now());
      const old = asking([1]);
      await pass(51);
      jest.setSystemTime(NOW + 51 + byMs);
      expect([...groupOf(old, asking([2])).toRow(clock).timestamps!]).toEqual([NOW, NOW + 51]);
    },
  );

  it('has no times although the clock of this process is set while its requests are fresh', () => {
    const fresh = asking([1]);
    jest.setSystemTime(NOW + 3_600_000);
    expect(groupOf(fresh).toRow(new DatabaseClock()).timestamps).toBeNull();
  });

  it('sorts receipts, so that all processes take their locks in one order', () => {
    const group = groupOf(asking([1], receiptOf('b')), asking([2]), asking([3], receiptOf('a')));
    expect(group.toRow(new DatabaseClock()).receipts.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('waiting → answered: keeps the request in the row, which may be stored, and answers it once', async () => {
    const request = asking([1]);
    await pass(10);
    const young = asking([2]);
    const group = groupOf(request, young);
    const since = performance.now();
    expect([group.answerUnavailable(since, true), group.answerUnavailable(since, true)]).toEqual([1, 0]);
    expect(request.answers).toEqual([expect.stringMatching(/^StoreUnavailableError: .*may have been stored/)]);
    expect([group.isAnswered, group.isEmpty, group.longestWait()]).toEqual([false, false, 0]);
    expect(idsOf(group.toRow(new DatabaseClock()))).toEqual([1, 2]);
  });

  it('waiting → dropped: leaves out an overdue request and one that was answered before', async () => {
    const [answered, overdue] = [asking([1]), asking([2])];
    const alone = groupOf(answered);
    await pass(10);
    alone.answerUnavailable(performance.now(), true);
    const group = groupOf(answered, overdue, asking([3]));
    const row = group.toRow(new DatabaseClock());
    group.dropOverdue(performance.now());
    expect([answered.answers.length, overdue.answers]).toEqual([
      1,
      [expect.stringMatching(/^StoreUnavailableError: (?!.*may have been stored)/)],
    ]);
    expect([idsOf(row), idsOf(group.toRow(new DatabaseClock()))]).toEqual([[1, 2, 3], [3]]);
    expect(group.sampleCount).toBe(1);
  });

  it('waiting → dropped: rejects a request whose key is stored, with the stored receipt', () => {
    const [stored, other] = [asking([1], receiptOf('a')), asking([2], receiptOf('b'))];
    const group = groupOf(stored, other);
    const earlier = { ...receiptOf('a'), answer: { accepted: 1 } };
    expect([group.dropStored([earlier]), group.dropStored([earlier])]).toEqual([1, 0]);
    expect([stored.answers.length, other.answers.length]).toEqual([1, 0]);
    expect(idsOf(group.toRow(new DatabaseClock()))).toEqual([2]);
  });

  it('keeps the samples of a request together, with their series, values and times', async () => {
    const old = asking([1, 2]);
    await pass(100);
    const row = groupOf(old, asking([3])).toRow(new DatabaseClock());
    expect(row.series.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect([[...row.values], [...row.timestamps!]]).toEqual([
      [1, 1, 1],
      [NOW, NOW, NOW + 100],
    ]);
  });

  it('is overdue as soon as one of its requests is, and is empty when all are dropped', async () => {
    const group = groupOf(asking([1]));
    await pass(10);
    const now = performance.now();
    expect([group.isOverdue(now - 10), group.isOverdue(now), group.longestWait()]).toEqual([false, true, 10]);
    group.dropOverdue(now);
    expect([group.isEmpty, group.isAnswered]).toEqual([true, true]);
  });
});
