import type { OpenSeries, OpenWindow } from './open-window.js';

/** A tenth of what the server takes by default, so that requests stay short. The last series may go beyond it. */
const MAX_BATCH_CHARACTERS = 2 ** 19;

/** Below it, compression costs more than it saves. */
const GZIP_FROM_BYTES = 1_024;

/** Frozen: every attempt sends the same bytes under the same key, so that the server can tell a repetition. */
export interface Batch {
  readonly key: string;
  readonly samples: number;
  /** JSON, compressed once it was tried where the platform can. */
  body: Uint8Array<ArrayBuffer>;
  isCompressed: boolean;
  /** The key is as old as this: from here on the server may know it. */
  firstTriedAtMs?: number;
}

/** Makes a batch of the series that were opened first. Call it only while something is open. */
export function freezeBatch(open: OpenWindow, maxSamples: number): Batch {
  const named = new Set<string>();
  let text = '';
  let samples = 0;
  open.takeWhile((series) => {
    const added = itemsOf(series, named);
    if (samples > 0 && (samples + added.length > maxSamples || text.length > MAX_BATCH_CHARACTERS)) return false;
    samples += added.length;
    text += `,${added.join()}`;
    return true;
  });
  const body = new TextEncoder().encode(`{"metrics":[${text.slice(1)}]}`);
  return { key: newKey(), samples, body, isCompressed: false };
}

/** As the server's API has it, see docs/push.md. The help goes along once for each name in a batch. */
function itemsOf({ metric, labels, value }: OpenSeries, named: Set<string>): string[] {
  const declared = metric.kind === 'gauge' ? { type: 'gauge' } : { type: 'counter', temporality: 'delta' };
  return value.samples().map(({ name, le, ...sample }) => {
    const help = named.has(name) ? undefined : metric.help;
    named.add(name);
    const pairs = le === undefined ? labels : [...labels, ['le', le] as const];
    return JSON.stringify({
      name,
      ...sample,
      labels: pairs.length === 0 ? undefined : Object.fromEntries(pairs),
      ...declared,
      help,
    });
  });
}

/** Browsers have `randomUUID` only on pages that came by https. */
function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compresses a batch that is worth it, where the platform can. The server compares what it inflates, so it stays the same
 * batch. Not on a page that is being left: it would be gone before the stream ends, and the batch with it.
 */
export async function compressBatch(batch: Batch): Promise<void> {
  if (batch.isCompressed || batch.body.length < GZIP_FROM_BYTES || typeof CompressionStream !== 'function') return;
  if ((globalThis as { document?: { hidden: boolean } }).document?.hidden) return;
  try {
    const stream = new Blob([batch.body]).stream().pipeThrough(new CompressionStream('gzip'));
    batch.body = new Uint8Array(await new Response(stream).arrayBuffer());
    batch.isCompressed = true;
  } catch {
    // It goes as it is.
  }
}
