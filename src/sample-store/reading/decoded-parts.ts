/**
 * Number of samples decoded between two checks of the clock. With compiled code this takes a fifth of a millisecond, but V8
 * discards that code between queries. Until it is compiled again, a sample takes a microsecond or more, and 20,000 samples
 * blocked the event loop for 40 ms.
 */
const SAMPLES_PER_PART = 4_000;
/** Size of a value in a packed array; see packed-array.ts. */
const BYTES_PER_VALUE = 12;

/** Decodes a page in parts, so that the caller can yield to other work in between. */
export function* decoded<Packed extends { readonly values: Buffer }, Row>(
  page: readonly Packed[],
  decode: (packed: Packed) => Row,
): Generator<Row[]> {
  let part: Row[] = [];
  let samples = 0;
  for (const packed of page) {
    part.push(decode(packed));
    samples += packed.values.length / BYTES_PER_VALUE;
    if (samples < SAMPLES_PER_PART) continue;
    yield part;
    part = [];
    samples = 0;
  }
  if (part.length > 0) yield part;
}
