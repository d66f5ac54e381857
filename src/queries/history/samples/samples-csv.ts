import { labelsFromText, labelValueIn } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { csvField, csvRecord } from './csv.js';
import type { Sample } from './ordered-samples.js';
import type { SelectedSeries } from '../../selection/series-selection.js';
import { Turns } from '../../../scheduling/turns.js';

/** The fixed columns come first, so that their places do not depend on the labels. */
const FIXED_COLUMNS = ['metric', 'at', 'value'];

/**
 * Maximum number of label columns in a file. Each costs a comma in every row, and anyone who may push can invent label names: a
 * metric with 317,000 of them crashed the process.
 */
const MAX_LABEL_COLUMNS = 1_000;

/** Maximum number of characters of label fields that are kept for the next row of the same series. */
const MAX_KEPT_CHARACTERS = 1024 * 1024;

/** Number of characters sent at once. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Writes samples as CSV with one column for each label, because spreadsheets filter and pivot by columns.
 *
 * The columns are the labels of the series known at the start, sorted by name. A series without a label leaves that field empty,
 * and a stale marker leaves the value empty.
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
   * @throws BadDataError for more columns than a file may have
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

  /**
   * Returns the header. A label with the name of a fixed column, or of another renamed label, gets the prefix `label_` until its
   * name is unique.
   */
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
