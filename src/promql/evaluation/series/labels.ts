import { quoteString } from '../../syntax/lexer/quoted-string.js';
import type { Labels } from './series-source.js';

export const METRIC_NAME = '__name__';

/** What describes a metric and not where it comes from: gone as soon as an operation changes what the value means. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

export const NO_LABELS: Labels = new Map();

const keys = new WeakMap<Labels, string>();

/** One text for one set of labels, whatever their order. */
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

/** Like {@link labelKey} of what `keepLabels` would leave; an empty value is an absent label. */
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

/** Like {@link labelKey} of what `dropLabels` would leave. */
export function keyWithoutLabels(labels: Labels, names: ReadonlySet<string>): string {
  let key = '';
  for (const [name, value] of sortedLabels(labels)) {
    if (!names.has(name)) {
      key += keyPart(name, value);
    }
  }
  return key;
}

/** Lengths, because names and values may hold any character that one would separate them with. */
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

/** Whether {@link dropMetadata} would change something. */
export function hasMetadata(labels: Labels): boolean {
  for (const name of METADATA_LABELS) {
    if (labels.has(name)) {
      return true;
    }
  }
  return false;
}

/** Without the name of the metric, its type and its unit. */
export function dropMetadata(labels: Labels): Labels {
  return dropLabels(labels, METADATA_LABELS);
}

/** An empty value takes the label away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed = new Map(labels);
  if (value === '') {
    changed.delete(name);
  } else {
    changed.set(name, value);
  }
  return changed;
}

/** Any text is a label name but the empty one and one that is no UTF-8. */
export function isLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !name.includes('\uFFFD');
}

/** In the order of names, as Prometheus lists them. */
export function sortedLabels(labels: Labels): [string, string][] {
  return [...labels].toSorted((a, b) => compareText(a[0], b[0]));
}

/** Name by name, then value by value; the shorter set first. */
export function compareLabels(left: Labels, right: Labels): number {
  const a = sortedLabels(left);
  const b = sortedLabels(right);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareText(a[index]![0], b[index]![0]) || compareText(a[index]![1], b[index]![1]);
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

/** By the bytes of UTF-8, as Go compares: UTF-16 puts characters beyond U+FFFF before those from U+E000 on. */
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

/** As messages show a series: `{__name__="up", job="a"}`. */
export function labelText(labels: Labels): string {
  const parts = sortedLabels(labels).map(([name, value]) => `${nameText(name)}=${quoteString(value)}`);
  return `{${parts.join(', ')}}`;
}

function nameText(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoteString(name);
}
