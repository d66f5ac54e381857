import type { Catalog } from '../../catalog/catalog.js';
import type { ApiToken } from '../api-token.js';
import type { ApiTokensService } from '../api-tokens.service.js';
import { TokenListing } from './token-listing.js';
import type { TokenUsage } from './token-usage.js';
import type { TokenUsageRepository } from './token-usage.repository.js';

const WAIT_MS = 1_000;

describe('TokenListing', () => {
  let reads: number;
  let samples: number;
  let fails: boolean;
  let hangs: boolean;
  let listing: TokenListing;

  beforeEach(() => {
    reads = 0;
    samples = 0;
    fails = false;
    hangs = false;
    listing = new TokenListing(
      { list: () => Promise.resolve([{ id: 1 } as ApiToken]) } as Partial<ApiTokensService> as ApiTokensService,
      { write: () => Promise.resolve() } as Partial<TokenUsage> as TokenUsage,
      {
        findAll: async () => {
          reads++;
          const found = samples;
          if (hangs) await new Promise(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (fails) throw new Error('lost');
          return new Map([[1, { samples: found }]]);
        },
      } as unknown as TokenUsageRepository,
      { seriesCountOfToken: () => 0 } as Partial<Catalog> as Catalog,
      { store: { waitMs: WAIT_MS } },
    );
  });

  const samplesOf = async () => (await listing.list())[0]!.usage;

  it('reads twice for many requests at once, and each sees what was there when it was asked', async () => {
    const first = samplesOf();
    await new Promise((resolve) => setTimeout(resolve, 1));
    samples = 7;
    const others = Array.from({ length: 60 }, () => samplesOf());
    expect(await first).toEqual({ samples: 0 });
    expect(await Promise.all(others)).toEqual(Array.from({ length: 60 }, () => ({ samples: 7 })));
    expect(reads).toBe(2);
    samples = 8;
    expect(await samplesOf()).toEqual({ samples: 8 });
  });

  it('fails for those whose read failed, and reads again for the others', async () => {
    fails = true;
    const first = samplesOf();
    const second = samplesOf();
    await expect(first).rejects.toThrow('lost');
    fails = false;
    expect(await second).toEqual({ samples: 0 });
    expect(await samplesOf()).toEqual({ samples: 0 });
  });

  it('gives up a read on a silent connection when its requests have been given up, and then reads again', async () => {
    jest.useFakeTimers();
    try {
      hangs = true;
      const failure = expect(samplesOf()).rejects.toThrow(`no answer within ${WAIT_MS} ms`);
      await jest.advanceTimersByTimeAsync(WAIT_MS);
      await failure;
      hangs = false;
      const next = samplesOf();
      await jest.advanceTimersByTimeAsync(5);
      expect(await next).toEqual({ samples: 0 });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
