import { forEachLabelIn, labelInText, labelNameToText } from '../../../catalog/series/label-set.js';
import type { Labels } from '../../../promql/evaluation/series/series-source.js';

/**
 * The labels of a series. Their text is parsed when all of them are first needed, because most queries of many series need one
 * label of each, or all labels of a few.
 */
export class TextLabels implements Labels {
  private parsed: Map<string, string> | undefined;

  constructor(
    private readonly name: string,
    private readonly labelsText: string,
  ) {}

  get size(): number {
    return this.all.size;
  }

  get(label: string): string | undefined {
    if (this.parsed !== undefined) return this.parsed.get(label);
    return label === '__name__' ? this.name : labelInText(this.labelsText, labelNameToText(label));
  }

  has(label: string): boolean {
    return this.get(label) !== undefined;
  }

  forEach(look: (value: string, label: string, labels: Labels) => void): void {
    for (const [label, value] of this.all) look(value, label, this);
  }

  entries(): MapIterator<[string, string]> {
    return this.all.entries();
  }

  keys(): MapIterator<string> {
    return this.all.keys();
  }

  values(): MapIterator<string> {
    return this.all.values();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.all.entries();
  }

  private get all(): Map<string, string> {
    if (this.parsed === undefined) {
      const labels = new Map([['__name__', this.name]]);
      forEachLabelIn(this.labelsText, (label, value) => labels.set(label, value));
      this.parsed = labels;
    }
    return this.parsed;
  }
}
