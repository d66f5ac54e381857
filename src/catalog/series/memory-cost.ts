/**
 * Bytes that a series takes in addition to the text of its labels: the object, its entries in two maps, its slot in the live
 * values, and its share of the spare room in maps that have just grown. `node --expose-gc bench/run.mjs series` measures it.
 */
const SERIES_BYTES = 400;

/** Bytes that a metric takes in addition to its texts: the object, its own map of series, and its entries in two maps. */
const METRIC_BYTES = 800;

/** V8 stores a string with one byte for each character, or with two if any character is outside Latin-1. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Returns the bytes that a text takes in memory. */
export function bytesOfText(text: string): number {
  return BEYOND_LATIN_1.test(text) ? 2 * text.length : text.length;
}

/** Returns the bytes that a series with these labels takes in memory. */
export function bytesOfSeries(labelsText: string): number {
  return SERIES_BYTES + bytesOfText(labelsText);
}

/** Returns the bytes that a metric takes in memory without its series. */
export function bytesOfMetric({
  name,
  help,
  unit,
}: {
  name: string;
  help?: string | null;
  unit?: string | null;
}): number {
  return METRIC_BYTES + bytesOfText(name) + bytesOfText(help ?? '') + bytesOfText(unit ?? '');
}
