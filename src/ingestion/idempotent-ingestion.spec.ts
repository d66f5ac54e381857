import { pass } from '../../test/support/machines/fake-clock.js';
import { OUT_OF_RANGE, REFUSED } from '../../test/support/machines/scripted-store.js';
import { completeOptions } from '../custom-metrics.options.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { AlreadyStoredError } from '../sample-store/log/already-stored.error.js';
import type { IngestReceiptRepository } from '../sample-store/receipts/ingest-receipt.repository.js';
import type { RequestReceipt } from '../sample-store/receipts/request-receipt.js';
import { type IdempotentBatch, IdempotentIngestion, type IdempotentOutcome } from './idempotent-ingestion.js';
import type { IngestResult } from './ingest-result.js';
import type { CommitSteps, IngestionService } from './ingestion.service.js';

const WAIT_MS = 5_000;
const RESULT: IngestResult = { accepted: 1, refused: [], series: [] };
const NOTHING_STORED: IngestResult = { accepted: 0, refused: [], series: [] };

/** An ingestion in progress, which the test ends in one of these ways. */
interface UnderWay {
  readonly isStrict: boolean;
  /** Commits the samples with their receipt. */
  store(): Promise<void>;
  /** Ends without a commit, because all items are refused. */
  storeNothing(): Promise<void>;
  fail(error: Error): Promise<void>;
}

/**
 * A key is free, under way, or stored. A request with a free key looks it up, ingests, and leaves the key stored or free. A
 * request with a key that is under way waits for that turn: it is answered with what the turn stored, fails as the turn did, or
 * takes the next turn.
 */
describe('IdempotentIngestion', () => {
  let stored: RequestReceipt[];
  let lookups: string[];
  let beforeLookup: () => Promise<unknown>;
  let underWay: UnderWay[];
  let ingestion: IdempotentIngestion;

  beforeEach(() => {
    stored = [];
    lookups = [];
    underWay = [];
    beforeLookup = () => Promise.resolve();
    const service: Pick<IngestionService, 'ingest'> = {
      ingest: (_samples, _sender, isStrict, steps) => begin(isStrict, steps),
    };
    const receipts: Pick<IngestReceiptRepository, 'find'> = {
      find: async (keys) => {
        lookups.push(...keys.map(({ tokenId, key }) => `${tokenId} ${key}`));
        await beforeLookup();
        return stored.filter((each) => keys.some(({ tokenId, key }) => each.tokenId === tokenId && each.key === key));
      },
    };
    ingestion = new IdempotentIngestion(
      service as IngestionService,
      receipts as IngestReceiptRepository,
      completeOptions({ store: { waitMs: WAIT_MS } }),
    );
  });

  function begin(isStrict = false, steps: CommitSteps = {}): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      underWay.push({
        isStrict,
        store: async () => {
          const receipt = steps.receiptOf?.(RESULT);
          if (receipt !== undefined) stored.push(receipt);
          resolve(RESULT);
          await pass(0);
        },
        storeNothing: async () => {
          resolve(NOTHING_STORED);
          await pass(0);
        },
        fail: async (error) => {
          reject(error);
          await pass(0);
        },
      });
    });
  }

  const batchOf = (body: string, more: Partial<IdempotentBatch> = {}): IdempotentBatch => ({
    samples: [],
    sender: { tokenId: 1, labels: {}, defaultTemporality: null },
    isStrict: false,
    key: 'key',
    bodyHash: Buffer.from(body),
    answerOf: () => undefined,
    ...more,
  });

  /** Sends a batch, and collects its outcome in words. */
  async function send(body: string, more: Partial<IdempotentBatch> = {}): Promise<string[]> {
    const outcomes: string[] = [];
    ingestion.ingest(batchOf(body, more)).then(
      (outcome) => outcomes.push(inWords(outcome)),
      (error: Error) => outcomes.push(error.message),
    );
    await pass(0);
    return outcomes;
  }

  function inWords(outcome: IdempotentOutcome): string {
    if ('receipt' in outcome) return `ingested ${outcome.receipt.accepted}`;
    return outcome.isSameBody ? 'replay' : `other body than ${outcome.earlier.bodyHash.toString()}`;
  }

  describe('a free key', () => {
    it('is looked up, and becomes stored with the samples', async () => {
      const outcomes = await send('a', { isStrict: true, answerOf: ({ accepted }) => ({ accepted }) });
      expect([lookups, outcomes]).toEqual([['1 key'], []]);
      expect(underWay[0]!.isStrict).toBe(true);
      await underWay[0]!.store();
      expect(outcomes).toEqual(['ingested 1']);
      expect(stored).toEqual([{ tokenId: 1, key: 'key', bodyHash: Buffer.from('a'), answer: { accepted: 1 } }]);
    });

    it('is stored without an answer if there is none', async () => {
      await send('a');
      await underWay[0]!.store();
      expect(stored).toEqual([expect.objectContaining({ answer: null })]);
    });

    it('stays free if nothing is stored', async () => {
      const outcomes = await send('a');
      await underWay[0]!.storeNothing();
      expect([outcomes, stored]).toEqual([['ingested 0'], []]);
      await send('b');
      expect([lookups.length, underWay.length]).toEqual([2, 2]);
    });

    it('stays free if the ingestion fails', async () => {
      const outcomes = await send('a');
      await underWay[0]!.fail(new StoreUnavailableError('no room'));
      expect(outcomes).toEqual(['no room']);
      await send('a');
      expect([lookups.length, underWay.length]).toEqual([2, 2]);
    });

    it('turns out to be stored if another process commits it first', async () => {
      const [same, other] = [await send('a'), await send('b', { key: 'second' })];
      const earlier = { tokenId: 1, key: 'key', bodyHash: Buffer.from('a'), answer: null };
      await underWay[0]!.fail(new AlreadyStoredError(earlier));
      await underWay[1]!.fail(new AlreadyStoredError({ ...earlier, key: 'second' }));
      expect([same, other]).toEqual([['replay'], ['other body than a']]);
    });
  });

  describe('a stored key', () => {
    beforeEach(async () => {
      await send('a');
      await underWay.pop()!.store();
    });

    it('is answered as a replay, and nothing is ingested', async () => {
      expect([await send('a'), underWay]).toEqual([['replay'], []]);
    });

    it('is answered as reused if the body is another one', async () => {
      expect([await send('b'), underWay]).toEqual([['other body than a'], []]);
    });

    it('is free for another token', async () => {
      expect(await send('a', { sender: { tokenId: 2, labels: {}, defaultTemporality: null } })).toEqual([]);
      expect([lookups.at(-1), underWay.length]).toEqual(['2 key', 1]);
    });
  });

  describe('a key under way', () => {
    it('keeps other requests with it waiting, and no others', async () => {
      await send('a');
      await Promise.all([send('a'), send('b')]);
      expect(underWay).toHaveLength(1);
      await send('a', { key: 'second' });
      await send('a', { sender: { tokenId: 2, labels: {}, defaultTemporality: null } });
      expect(underWay).toHaveLength(3);
    });

    it('answers waiting requests when it is stored, without another lookup', async () => {
      await send('a');
      const [same, other] = [await send('a'), await send('b')];
      await underWay[0]!.store();
      expect([same, other]).toEqual([['replay'], ['other body than a']]);
      expect([lookups.length, underWay.length]).toEqual([1, 1]);
    });

    it('gives the next turn to one waiting request if it stores nothing, and the others keep waiting', async () => {
      await send('a');
      const [second, third] = [await send('a'), await send('b')];
      await underWay[0]!.storeNothing();
      expect([underWay.length, second, third]).toEqual([2, [], []]);
      await underWay[1]!.store();
      expect([second, third]).toEqual([['ingested 1'], ['other body than a']]);
      expect(underWay).toHaveLength(2);
    });

    it('fails waiting requests with the same body if it fails, and gives the next turn to one with another body', async () => {
      await send('a');
      const [same, other] = [await send('a'), await send('b')];
      await underWay[0]!.fail(new StoreUnavailableError('no room'));
      expect([same, other, underWay.length]).toEqual([['no room'], [], 2]);
      await underWay[1]!.store();
      expect(other).toEqual(['ingested 1']);
    });

    it('answers waiting requests with the receipt of another process that committed the key first', async () => {
      await send('a');
      const waiting = await send('b');
      await underWay[0]!.fail(
        new AlreadyStoredError({ tokenId: 1, key: 'key', bodyHash: Buffer.from('b'), answer: null }),
      );
      expect([waiting, underWay.length]).toEqual([['replay'], 1]);
    });
  });

  describe('the lookup of a key', () => {
    it('waits out an outage', async () => {
      let failures = 3;
      beforeLookup = () => (failures-- > 0 ? Promise.reject(REFUSED()) : Promise.resolve());
      await send('a');
      expect(underWay).toHaveLength(0);
      await pass(1_000);
      expect(underWay).toHaveLength(1);
    });

    it('fails when the outage outlasts the wait, and leaves the key free', async () => {
      beforeLookup = () => Promise.reject(REFUSED());
      const outcomes = await send('a');
      await pass(WAIT_MS - 600);
      expect(outcomes).toEqual([]);
      await pass(600);
      expect(outcomes).toEqual(['connect ECONNREFUSED']);
      beforeLookup = () => Promise.resolve();
      await send('a');
      expect(underWay).toHaveLength(1);
    });

    it('fails at once for an error that waiting cannot mend', async () => {
      beforeLookup = () => Promise.reject(OUT_OF_RANGE());
      expect(await send('a')).toEqual(['integer out of range']);
    });
  });
});
