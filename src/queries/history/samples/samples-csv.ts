import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { Turns } from '../../../scheduling/turns.js';
import type { SelectedSeries } from '../../selection/series-selection.js';
import { headerOf, labelColumnsOf, labelFields } from '../export/csv-labels.js';
import { CHUNK_CHARACTERS, type CsvStyle } from '../export/csv-style.js';
import type { Sample } from './ordered-samples.js';

/** Maximum number of characters of label fields that are kept for the next row of the same series. */
const MAX_KEPT_CHARACTERS = 1024 * 1024;

/**
 * Writes samples as CSV with one column for each label, because spreadsheets filter and pivot by columns.
 *
 * The columns are the labels of the series known at the start, sorted by name. A stale marker leaves the value empty.
 */
export class SamplesCsv {
  private readonly labelFields = new Map<Series, string>();
  private keptCharacters = 0;

  private constructor(
    private readonly metricName: string,
    private readonly labelNames: readonly string[],
    private readonly style: CsvStyle,
  ) {}

  /**
   * Creates a CSV with a column for each label of the selected series.
   *
   * @throws BadDataError for more columns than a file may have
   */
  static async of({ metric, series }: SelectedSeries, style: CsvStyle, maxColumns: number): Promise<SamplesCsv> {
    return new SamplesCsv(metric.name, await labelColumnsOf(series, maxColumns), style);
  }

  async *chunks(windows: AsyncIterable<Iterable<Sample>>): AsyncGenerator<string> {
    const turns = new Turns();
    const { metricName, style } = this;
    const { separator } = style;
    let chunk = headerOf(style, ['metric', 'at', 'value'], this.labelNames);
    for await (const samples of windows) {
      for (const { series, at, value } of samples) {
        chunk += `${metricName}${separator}${style.time(at)}${separator}${style.number(value)}${this.fieldsOf(series)}\r\n`;
        if (chunk.length < CHUNK_CHARACTERS) continue;
        yield chunk;
        chunk = '';
        await turns.give();
      }
    }
    if (chunk !== '') yield chunk;
  }

  private fieldsOf(series: Series): string {
    let fields = this.labelFields.get(series);
    if (fields === undefined) {
      fields = labelFields(this.style, this.labelNames, labelsFromText(series.labelsText));
      if (this.keptCharacters + fields.length <= MAX_KEPT_CHARACTERS) {
        this.labelFields.set(series, fields);
        this.keptCharacters += fields.length;
      }
    }
    return fields;
  }
}
