import type { Machine } from './machine.js';

const MEBIBYTE = 1024 ** 2;

/** The smallest heap with which `auto` starts a further process. It holds about 400,000 series. */
const SMALLEST_HEAP_BYTES = 512 * MEBIBYTE;

/** The share of the memory for all heaps together, which is the share that Node.js itself chooses for one process. */
const HEAP_SHARE = 0.5;

const HEAP_FLAG = /(?:^|\s)--max[-_]old[-_]space[-_]size\b/;

/**
 * Returns the number of processes.
 *
 * @param setting the value of PROCESSES
 * @param sharesMachine whether Postgres runs on the same machine, and needs as much of it as the service
 */
export function processCount(
  setting: number | 'auto',
  { cores, memoryBytes }: Machine,
  sharesMachine: boolean,
): number {
  if (setting !== 'auto') return setting;
  const byCores = Math.floor(sharesMachine ? cores / 2 : cores);
  const byMemory = Math.floor((HEAP_SHARE * memoryBytes) / SMALLEST_HEAP_BYTES);
  return Math.max(1, Math.min(byCores, byMemory));
}

/**
 * Returns the flags that give each process its share of the memory. Node.js itself would give each of them half of the whole
 * memory. An operator who has set the size of the heap has set it for each process.
 *
 * @param given the flags of this process and those of NODE_OPTIONS
 * @param ownHeapBytes the heap that Node.js has chosen for this process
 */
export function heapFlags(
  count: number,
  { memoryBytes }: Machine,
  given: readonly string[],
  ownHeapBytes: number,
): string[] {
  if (given.some((flag) => HEAP_FLAG.test(flag))) return [];
  const share = (HEAP_SHARE * memoryBytes) / count;
  return share < ownHeapBytes ? [`--max-old-space-size=${Math.floor(share / MEBIBYTE)}`] : [];
}

/** The number of processes to start, and a warning for the log if the given number needs more connections than Postgres has. */
export interface ConnectionPlan {
  readonly count: number;
  readonly warning?: string;
}

/**
 * Compares the connections that all processes may open with those that Postgres has for ordinary roles. With `auto`, the number
 * of processes is lowered. Otherwise the processes start nevertheless, because a pooler in between may need fewer connections.
 */
export function fitConnections(
  count: number,
  isAuto: boolean,
  { poolSize, available = Infinity }: { readonly poolSize: number; readonly available?: number | undefined },
): ConnectionPlan {
  if (count * poolSize <= available) return { count };
  if (isAuto) {
    const fitting = Math.max(1, Math.floor(available / poolSize));
    const warning =
      `${fitting} processes are started and not ${count}, because Postgres has ${available} connections for the service, and ` +
      `each process may open ${poolSize} (DATABASE_POOL_SIZE). Raise max_connections or lower DATABASE_POOL_SIZE for more processes.`;
    return { count: fitting, warning };
  }
  const warning =
    `${count} processes may open ${count * poolSize} connections (PROCESSES times DATABASE_POOL_SIZE, which is ${poolSize}), but ` +
    `Postgres has only ${available} for the service (max_connections without the reserved ones). Requests are answered 503 when ` +
    'none is left. Lower DATABASE_POOL_SIZE or raise max_connections.';
  return { count, warning };
}
