import { IngestionOnStore, SENDER } from '../../test/support/machines/ingestion.js';
import { receiptOf } from '../../test/support/machines/waiting-requests.js';

describe('the steps of a commit', () => {
  let machine: IngestionOnStore;

  beforeEach(() => {
    machine = new IngestionOnStore();
  });

  it('run after the outcome is known and before the append, and the receipt is stored with the samples', async () => {
    const order: string[] = [];
    const receipt = receiptOf('key');
    await machine.service.ingest(
      [
        { name: 'm', value: 1 },
        { name: '', value: 1 },
      ],
      SENDER,
      false,
      {
        beforeCommit: (outcome) => {
          order.push(`before ${outcome.accepted}, ${machine.appended.length} appended`);
          return Promise.resolve();
        },
        receiptOf: (outcome) => {
          order.push(`receipt ${outcome.refused.length}`);
          return receipt;
        },
      },
    );
    expect(order).toEqual(['before 1, 0 appended', 'receipt 1']);
    expect(machine.appended.map((each) => each.receipt)).toEqual([receipt]);
  });

  it('do not run if no item is accepted', async () => {
    const steps = { beforeCommit: jest.fn(), receiptOf: jest.fn() };
    await machine.service.ingest([{ name: '', value: 1 }], SENDER, false, steps);
    expect([steps.beforeCommit.mock.calls, steps.receiptOf.mock.calls, machine.appended]).toEqual([[], [], []]);
  });

  it('end the request if one fails, and nothing is appended', async () => {
    const beforeCommit = () => Promise.reject(new Error('no group'));
    await expect(machine.service.ingest([{ name: 'm', value: 1 }], SENDER, false, { beforeCommit })).rejects.toThrow(
      'no group',
    );
    expect(machine.appended).toEqual([]);
  });
});
