import { quoteString } from '../../syntax/lexer/quoted-string.js';
import type { Labels } from './series-source.js';

export const METRIC_NAME = '__name__';

/**
 * The labels that describe a metric and not its origin. They are removed from the result of an operation that changes the meaning
 * of the value.
 */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

export const NO_LABELS: Labels = new Map();

const keys = new WeakMap<Labels, string>();

/** Returns a string that identifies a set of labels, regardless of their order. */
export function labelKey(labels: Labels): string {
  let key = keys.get(labels);
  if (key === undefined) {
    key = '';
    for (const [name, value] of sortedLabels(labels)) {
      key += keyPart(name, value);
    }
    keys.set(labels, key);
  }
  return key;
}

/** Returns the {@link labelKey} of the labels with these names, which must be sorted. Missing labels are skipped. */
export function keyOfLabels(labels: Labels, sortedNames: readonly string[]): string {
  let key = '';
  for (const name of sortedNames) {
    const value = labels.get(name);
    if (value !== undefined) {
      key += keyPart(name, value);
    }
  }
  return key;
}

/** Returns the {@link labelKey} of the labels without these names. */
export function keyWithoutLabels(labels: Labels, names: ReadonlySet<string>): string {
  let key = '';
  for (const [name, value] of sortedLabels(labels)) {
    if (!names.has(name)) {
      key += keyPart(name, value);
    }
  }
  return key;
}

/** Returns the key of one label. The key includes the lengths, because names and values can contain any separator. */
function keyPart(name: string, value: string): string {
  return `${name.length}:${value.length}:${name}${value}`;
}

export function keepLabels(labels: Labels, names: readonly string[]): Labels {
  const kept = new Map<string, string>();
  for (const name of names) {
    const value = labels.get(name);
    if (value !== undefined) {
      kept.set(name, value);
    }
  }
  return kept;
}

export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept = new Map<string, string>();
  for (const [name, value] of labels) {
    if (!names.has(name)) {
      kept.set(name, value);
    }
  }
  return kept;
}

/** Returns whether {@link dropMetadata} would change the labels. */
export function hasMetadata(labels: Labels): boolean {
  for (const name of METADATA_LABELS) {
    if (labels.has(name)) {
      return true;
    }
  }
  return false;
}

/** Returns the labels without the name of the metric, its type and its unit. */
export function dropMetadata(labels: Labels): Labels {
  return dropLabels(labels, METADATA_LABELS);
}

/** Returns the labels with one of them set. An empty value removes the label. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed = new Map(labels);
  if (value === '') {
    changed.delete(name);
  } else {
    changed.set(name, value);
  }
  return changed;
}

/** Returns whether a text is a label name. Any text is one, unless it is empty or not valid UTF-8. */
export function isLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !name.includes('\uFFFD');
}

/** Returns the labels in the order of their names, as Prometheus lists them. */
export function sortedLabels(labels: Labels): [string, string][] {
  return [...labels].toSorted((a, b) => compareText(a[0], b[0]));
}

/**
 * Compares sets of labels pair by pair in the order of their names, each pair by name and then by value. A set comes before
 * another one that has the same pairs and then more.
 */
export function compareLabels(left: Labels, right: Labels): number {
  return comparePairs(sortedLabels(left), sortedLabels(right));
}

/** Returns series in the order of their labels. The labels of each are sorted once, and not for every comparison. */
export function sortedByLabels<T extends { readonly labels: Labels }>(series: readonly T[]): T[] {
  const decorated = series.map((each) => ({ each, pairs: sortedLabels(each.labels) }));
  return decorated.toSorted((a, b) => comparePairs(a.pairs, b.pairs)).map(({ each }) => each);
}

function comparePairs(a: readonly [string, string][], b: readonly [string, string][]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareText(a[index]![0], b[index]![0]) || compareText(a[index]![1], b[index]![1]);
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

/**
 * Compares texts by their UTF-8 bytes, as Go does. A comparison of UTF-16 code units would put characters above U+FFFF before
 * those from U+E000 to U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      return byteRank(left) - byteRank(right);
    }
  }
  return a.length - b.length;
}

function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Formats a series as messages show it: `{__name__="up", job="a"}`. */
export function labelText(labels: Labels): string {
  const parts = sortedLabels(labels).map(([name, value]) => `${nameText(name)}=${quoteString(value)}`);
  return `{${parts.join(', ')}}`;
}

function nameText(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoteString(name);
}
