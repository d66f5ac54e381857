import { labelsFromText, labelValueIn } from '../catalog/label-set.js';
import type { Series } from '../catalog/series.js';
import { csvField, csvRecord } from './csv.js';
import type { Sample } from './ordered-samples.js';
import type { SelectedSeries } from '../selection/series-selection.js';
import { Turns } from '../sample-store/turns.js';

/** Fixed columns come first, so that their places are known whatever labels there are. */
const FIXED_COLUMNS = ['metric', 'at', 'value'];

/** Sent at once. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Samples as CSV: one column for each label, because that is what a spreadsheet filters and pivots by.
 *
 * The columns are the labels of the series known at the start, sorted by name; a series without a label leaves its field
 * empty. So does a stale marker with its value.
 */
export class SamplesCsv {
  private readonly labelNames: readonly string[];
  private readonly labelFields = new Map<Series, string>();

  constructor(private readonly selected: SelectedSeries) {
    const names = new Set<string>();
    for (const { labelsText } of selected.series) {
      for (const name of Object.keys(labelsFromText(labelsText))) names.add(name);
    }
    this.labelNames = [...names].toSorted();
  }

  async *chunks(windows: AsyncIterable<Iterable<Sample>>): AsyncGenerator<string> {
    const turns = new Turns();
    let chunk = csvRecord(this.header());
    for await (const samples of windows) {
      for (const { series, at, value } of samples) {
        const shown = Number.isNaN(value) ? '' : value;
        chunk += `${this.selected.metric.name},${new Date(at).toISOString()},${shown}${this.fieldsOf(series)}\r\n`;
        if (chunk.length < CHUNK_CHARACTERS) continue;
        yield chunk;
        chunk = '';
        await turns.give();
      }
    }
    if (chunk !== '') yield chunk;
  }

  /** A label that is called like a fixed column, or like one renamed, gets `label_` in front until its name is its own. */
  private header(): string[] {
    const taken = new Set([...FIXED_COLUMNS, ...this.labelNames]);
    const columns = this.labelNames.map((name) => {
      if (!FIXED_COLUMNS.includes(name)) return name;
      let column = name;
      while (taken.has(column)) column = `label_${column}`;
      taken.add(column);
      return column;
    });
    return [...FIXED_COLUMNS, ...columns];
  }

  private fieldsOf(series: Series): string {
    let fields = this.labelFields.get(series);
    if (fields === undefined) {
      const labels = labelsFromText(series.labelsText);
      fields = this.labelNames.map((name) => `,${csvField(labelValueIn(labels, name))}`).join('');
      this.labelFields.set(series, fields);
    }
    return fields;
  }
}
