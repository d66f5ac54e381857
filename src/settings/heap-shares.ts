import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1024 ** 2;

/** What the process takes before it knows any series: the code, the connections, what a scrape and a push need. */
const OWN_BYTES = 80 * MEBIBYTE;

/** V8's young generation is part of the limit that it tells, and no place for what stays. It has three semi-spaces. */
const SEMI_SPACES = 3;
const DEFAULT_SEMI_SPACE_BYTES = 16 * MEBIBYTE;

/**
 * Requests under way need the rest: a body of 5 MiB with new series becomes some 50 MiB of objects until it is stored, and
 * the garbage collector needs room to work in.
 */
const SERIES_SHARE = 0.4;
const CACHE_SHARE = 0.15;

/** More has no effect that can be measured: half a million usual items are known then. */
const MAX_CACHE_BYTES = 256 * MEBIBYTE;

const SEMI_SPACE_FLAG = /^--max[-_]semi[-_]space[-_]size=(\d{1,6})$/;

/** However small the heap is, something has to work. */
const MIN_SERIES_BYTES = 8 * MEBIBYTE;
const MIN_CACHE_BYTES = 4 * MEBIBYTE;

/** How the heap of this process is shared out to what stays between requests, unless settings say otherwise. */
export interface HeapShares {
  readonly seriesBytes: number;
  readonly cacheBytes: number;
}

/**
 * Shares out the heap.
 *
 * @param heapBytes V8's limit, its young generation included
 * @param semiSpaceBytes a third of the young generation
 */
export function heapSharesOf(heapBytes: number, semiSpaceBytes = DEFAULT_SEMI_SPACE_BYTES): HeapShares {
  const usable = Math.max(0, heapBytes - SEMI_SPACES * semiSpaceBytes - OWN_BYTES);
  const seriesBytes = Math.floor(Math.max(MIN_SERIES_BYTES, SERIES_SHARE * usable));
  return {
    seriesBytes,
    cacheBytes: Math.floor(Math.min(MAX_CACHE_BYTES, Math.max(MIN_CACHE_BYTES, CACHE_SHARE * usable))),
  };
}

/** The shares of this process' own heap, as `--max-old-space-size` or the memory of the machine sets its limit. */
export function ownHeapShares(): HeapShares {
  const given = process.execArgv.findLast((flag) => SEMI_SPACE_FLAG.test(flag));
  const mebibytes = given === undefined ? undefined : Number(SEMI_SPACE_FLAG.exec(given)![1]);
  return heapSharesOf(getHeapStatistics().heap_size_limit, mebibytes && mebibytes * MEBIBYTE);
}
