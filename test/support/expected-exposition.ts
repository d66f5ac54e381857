import { seriesKey } from './exposition-parser.js';
import type { PushedItem } from './random-pushes.js';

interface ShownValue {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/**
 * Returns the lines that the exposition shows for one label set of a histogram, with buckets raised so that they never decrease.
 */
function shownParts(parts: readonly ShownValue[]): ShownValue[] {
  const count = parts.find(({ name }) => name.endsWith('_count'));
  const boundOf = ({ labels }: ShownValue) => (/inf$/i.test(labels.le!) ? Infinity : Number(labels.le));
  const buckets = parts
    .filter((part) => part.name.endsWith('_bucket') && (count === undefined || boundOf(part) !== Infinity))
    .toSorted((a, b) => boundOf(a) - boundOf(b));
  let atLeast = -Infinity;
  const shown = buckets.map(({ name, labels, value }) => ({
    name,
    labels,
    value: (atLeast = Math.max(atLeast, value)),
  }));
  shown.push(...parts.filter(({ name }) => name.endsWith('_sum')));
  if (count === undefined) return shown;
  const value = Math.max(atLeast, count.value);
  const infinity = { name: count.name.replace(/_count$/, '_bucket'), labels: { ...count.labels, le: '+Inf' }, value };
  return [...shown, infinity, { ...count, value }];
}

/**
 * Computes the values that Prometheus should have after all pushes. The rules are those of the README, and no code is shared
 * with the server.
 */
export class ExpectedExposition {
  private readonly types = new Map<string, string>();
  private readonly kinds = new Map<string, string>();
  private readonly values = new Map<string, ShownValue>();
  private readonly histograms = new Set<string>();

  declareHistogram(name: string): void {
    this.histograms.add(name);
  }

  /** Adds an item that the server has accepted. */
  take({ name: pushedName, value, labels: pushedLabels, type: pushedType, temporality }: PushedItem): void {
    const name = legalName(pushedName, /[^a-zA-Z0-9_:]/g);
    const labels: Record<string, string> = {};
    for (const [label, scalar] of Object.entries(pushedLabels)) {
      const text = String(scalar).toWellFormed().replaceAll('\0', '\ufffd');
      if (text !== '') labels[legalName(label, /[^a-zA-Z0-9_]/g)] = text;
    }
    const byName = /_(?:total|count|sum|bucket)$/.test(name) ? 'counter' : 'gauge';
    const type = this.types.get(name) ?? pushedType ?? byName;
    this.types.set(name, type);
    const key = seriesKey(name, labels);
    const takesChanges = pushedType === 'gauge' && temporality === 'delta';
    const kindOfGauge = this.kinds.get(key) ?? (takesChanges ? 'delta' : 'gauge');
    const kind = type === 'gauge' ? kindOfGauge : (this.kinds.get(key) ?? temporality ?? 'delta');
    this.kinds.set(key, kind);
    const before = this.values.get(key)?.value ?? 0;
    this.values.set(key, { name, labels, value: kind === 'delta' ? before + value : value });
  }

  /** The values by name and labels, as Prometheus shows them. */
  get series(): Map<string, number> {
    const all = new Map<string, number>();
    for (const { name, labels, value } of this.shown) {
      // Prometheus sets its own labels with these names, and renames those of the exposition.
      const { job, instance, ...others } = labels;
      const exposed = {
        ...others,
        ...(job === undefined ? {} : { exported_job: job }),
        ...(instance === undefined ? {} : { exported_instance: instance }),
      };
      all.set(seriesKey(name, exposed), value);
    }
    return all;
  }

  /**
   * The series that are shown. The histograms among them are valid: no bucket counts less than the one below it, and `+Inf`
   * equals the count.
   */
  private get shown(): ShownValue[] {
    const histograms = new Map<string, ShownValue[]>();
    const shown: ShownValue[] = [];
    for (const each of this.values.values()) {
      const histogram = /^(.*)_(?:bucket|sum|count)$/.exec(each.name)?.[1];
      if (histogram === undefined || !this.histograms.has(histogram)) {
        shown.push(each);
      } else if (this.canBeShown(each.name, each.labels)) {
        const { le: _le, ...labels } = each.labels;
        const key = seriesKey(histogram, labels);
        histograms.set(key, [...(histograms.get(key) ?? []), each]);
      }
    }
    for (const parts of histograms.values()) shown.push(...shownParts(parts));
    return shown;
  }

  /**
   * Returns whether a series can be shown. A series from before the declaration of its histogram can be an invalid part of it.
   */
  private canBeShown(name: string, labels: Readonly<Record<string, string>>): boolean {
    const [, histogram, part] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? [];
    if (histogram === undefined || !this.histograms.has(histogram)) return true;
    if (part !== 'bucket') return labels.le === undefined;
    return /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\+?Inf)$/i.test(labels.le ?? '');
  }
}

function legalName(name: string, forbidden: RegExp): string {
  return name.replaceAll(forbidden, '_').replace(/^(?=\d)/, '_');
}
