/**
 * Bytes that a series takes beside the text of its labels: the object, its entries in two maps, its place in the live values
 * and its share of maps that have just grown. `npm run bench -- series` measures it.
 */
const SERIES_BYTES = 400;

/** The same for a metric: the object, its own map of series, and its entries in two maps. */
const METRIC_BYTES = 800;

/** V8 keeps a string with one byte for each character, unless one of them is outside of Latin-1: then all take two. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Bytes that a text takes in memory. */
export function bytesOfText(text: string): number {
  return BEYOND_LATIN_1.test(text) ? 2 * text.length : text.length;
}

/** Bytes that a series with these labels takes in the memory of a process. */
export function bytesOfSeries(labelsText: string): number {
  return SERIES_BYTES + bytesOfText(labelsText);
}

/** Bytes that a metric takes without its series. */
export function bytesOfMetric({
  name,
  help,
  unit,
}: {
  name: string;
  help?: string | null;
  unit?: string | null;
}): number {
  return METRIC_BYTES + name.length + bytesOfText(help ?? '') + bytesOfText(unit ?? '');
}
