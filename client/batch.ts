import type { OpenSeries, OpenWindow } from './open-window.js';

/**
 * Maximum size of a batch, a tenth of the server's default limit, so that requests stay short. A batch exceeds it by at most its
 * last series.
 */
const MAX_BATCH_CHARACTERS = 2 ** 19;

/** Minimum size for compression. Below it, compression costs more than it saves. */
const GZIP_FROM_BYTES = 1_024;

/**
 * A batch that gets no further values. Every attempt sends the same data under the same key, so that the server recognises a
 * repetition.
 */
export interface Batch {
  readonly key: string;
  readonly samples: number;
  /** The JSON of the batch. The first attempt compresses it if the platform can. */
  body: Uint8Array<ArrayBuffer>;
  isCompressed: boolean;
  /** The time of the first attempt. From then on, the server may know the key. */
  firstTriedAtMs?: number;
}

/** Moves the series that were opened first from the window to a new batch. At least one series must be open. */
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

/**
 * Returns the items of a series in the format of the server's API; see docs/push.md. A batch contains the help only once for each
 * name.
 */
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

/** Creates a key. Browsers have `randomUUID` only in secure contexts, such as pages that were loaded over HTTPS. */
function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compresses a batch that is large enough, if the platform can. The server compares inflated bodies, so it is still the same
 * batch. A hidden page does not compress, because the user may be leaving it, and the page and its batch might be gone before the
 * stream ends.
 */
export async function compressBatch(batch: Batch): Promise<void> {
  if (batch.isCompressed || batch.body.length < GZIP_FROM_BYTES || typeof CompressionStream !== 'function') return;
  if ((globalThis as { document?: { hidden: boolean } }).document?.hidden) return;
  try {
    const stream = new Blob([batch.body]).stream().pipeThrough(new CompressionStream('gzip'));
    batch.body = new Uint8Array(await new Response(stream).arrayBuffer());
    batch.isCompressed = true;
  } catch {
    // The batch is sent uncompressed.
  }
}
