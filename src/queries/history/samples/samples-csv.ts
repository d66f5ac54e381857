import { labelsFromText, labelValueIn } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { csvField, csvRecord } from './csv.js';
import type { Sample } from './ordered-samples.js';
import type { SelectedSeries } from '../../selection/series-selection.js';
import { Turns } from '../../../scheduling/turns.js';

/** Fixed columns come first, so that their places are known whatever labels there are. */
const FIXED_COLUMNS = ['metric', 'at', 'value'];

/**
 * Label columns that a file may have. Each costs a comma in every row, and whoever may push can make up label names: a metric
 * with 317,000 of them ended the process.
 */
const MAX_LABEL_COLUMNS = 1_000;

/** Characters of label fields that are kept for the next row of the same series. */
const MAX_KEPT_CHARACTERS = 1024 * 1024;

/** Sent at once. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Samples as CSV: one column for each label, because that is what a spreadsheet filters and pivots by.
 *
 * The columns are the labels of the series known at the start, sorted by name; a series without a label leaves its field
 * empty. So does a stale marker with its value.
 */
export class SamplesCsv {
  private readonly labelFields = new Map<Series, string>();
  private keptCharacters = 0;

  private constructor(
    private readonly metricName: string,
    private readonly labelNames: readonly string[],
  ) {}

  /**
   * Finds the columns.
   *
   * @throws BadDataError for more of them than a file may have
   */
  static async of({ metric, series }: SelectedSeries): Promise<SamplesCsv> {
    const turns = new Turns();
    const names = new Set<string>();
    for (const { labelsText } of series) {
      for (const name of Object.keys(labelsFromText(labelsText))) names.add(name);
      if (names.size > MAX_LABEL_COLUMNS) throw tooManyColumns();
      if (turns.isUp) await turns.give();
    }
    return new SamplesCsv(metric.name, [...names].toSorted());
  }

  async *chunks(windows: AsyncIterable<Iterable<Sample>>): AsyncGenerator<string> {
    const turns = new Turns();
    let chunk = csvRecord(this.header());
    for await (const samples of windows) {
      for (const { series, at, value } of samples) {
        const shown = Number.isNaN(value) ? '' : value;
        chunk += `${this.metricName},${new Date(at).toISOString()},${shown}${this.fieldsOf(series)}\r\n`;
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
      if (this.keptCharacters + fields.length <= MAX_KEPT_CHARACTERS) {
        this.labelFields.set(series, fields);
        this.keptCharacters += fields.length;
      }
    }
    return fields;
  }
}

function tooManyColumns(): BadDataError {
  return new BadDataError([
    {
      path: '/query/label',
      message:
        `The series have more than ${MAX_LABEL_COLUMNS} different label names, and a CSV has a column for each. Choose fewer ` +
        'series with label=name=value, or ask for JSON, which has no columns.',
    },
  ]);
}
