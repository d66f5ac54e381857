import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1024 ** 2;

/** The memory of the process without any series: the code, the connections, and the needs of a scrape and a push. */
const OWN_BYTES = 80 * MEBIBYTE;

/** The young generation of V8 consists of three semi-spaces. The heap limit includes it, but it can't hold long-lived data. */
const SEMI_SPACES = 3;
const DEFAULT_SEMI_SPACE_BYTES = 16 * MEBIBYTE;

/**
 * The shares that series, caches and decoded bodies get of the heap without its young generation and {@link OWN_BYTES}. Other running
 * requests need the rest: a body of 5 MiB with new series becomes about 50 MiB of objects until it is stored, and the garbage
 * collector needs room to work.
 */
const SERIES_SHARE = 0.4;
const CACHE_SHARE = 0.15;
const DECODING_SHARE = 0.2;

/** Maximum memory of the caches. This is enough for half a million typical items, and more memory has no measurable effect. */
const MAX_CACHE_BYTES = 256 * MEBIBYTE;

const SEMI_SPACE_FLAG = /^--max[-_]semi[-_]space[-_]size=(\d{1,6})$/;

/** Minimums for very small heaps. Without them, no push could succeed. */
const MIN_SERIES_BYTES = 8 * MEBIBYTE;
const MIN_CACHE_BYTES = 4 * MEBIBYTE;
const MIN_DECODING_BYTES = 8 * MEBIBYTE;

/** The default shares of the heap, which settings can override. */
export interface HeapShares {
  readonly seriesBytes: number;
  readonly cacheBytes: number;
  readonly decodingBytes: number;
}

/**
 * Computes the shares of a heap.
 *
 * @param heapBytes V8's limit, including its young generation
 * @param semiSpaceBytes a third of the young generation
 */
export function heapSharesOf(heapBytes: number, semiSpaceBytes = DEFAULT_SEMI_SPACE_BYTES): HeapShares {
  const usable = Math.max(0, heapBytes - SEMI_SPACES * semiSpaceBytes - OWN_BYTES);
  const seriesBytes = Math.floor(Math.max(MIN_SERIES_BYTES, SERIES_SHARE * usable));
  return {
    seriesBytes,
    cacheBytes: Math.floor(Math.min(MAX_CACHE_BYTES, Math.max(MIN_CACHE_BYTES, CACHE_SHARE * usable))),
    decodingBytes: Math.floor(Math.max(MIN_DECODING_BYTES, DECODING_SHARE * usable)),
  };
}

/** Returns the shares of this process's heap, whose limit comes from `--max-old-space-size` or the memory of the machine. */
export function ownHeapShares(): HeapShares {
  const given = process.execArgv.findLast((flag) => SEMI_SPACE_FLAG.test(flag));
  const mebibytes = given === undefined ? undefined : Number(SEMI_SPACE_FLAG.exec(given)![1]);
  return heapSharesOf(getHeapStatistics().heap_size_limit, mebibytes && mebibytes * MEBIBYTE);
}
