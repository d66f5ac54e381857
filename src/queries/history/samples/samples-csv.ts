import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { Turns } from '../../../scheduling/turns.js';
import type { SelectedSeries } from '../../selection/series-selection.js';
import { headerOf, labelColumnsOf, labelFields } from '../export/csv-labels.js';
import type { CsvStyle } from '../export/csv-style.js';
import type { OrderedSamples } from './ordered-samples.js';

/** Maximum number of bytes of label fields that are kept for the next row of the same series. */
const MAX_KEPT_BYTES = 1024 * 1024;

/**
 * Writes samples as CSV with one column for each label, because spreadsheets filter and pivot by columns.
 *
 * The columns are the labels of the series known at the start, sorted by name. A stale marker leaves the value empty.
 */
export class SamplesCsv {
  /** The label fields and the line end with which each row of a series ends, in UTF-8. */
  private readonly endings = new Map<Series, Uint8Array>();
  private keptBytes = 0;

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

  /** Yields the CSV in parts, each of which ends with a whole row. */
  async *chunks(windows: AsyncIterable<OrderedSamples>): AsyncGenerator<Uint8Array> {
    const turns = new Turns();
    const { style } = this;
    const beginning = Buffer.from(this.metricName + style.separator);
    const separator = Buffer.from(style.separator);
    const rows = style.rows();
    rows.text(headerOf(style, ['metric', 'at', 'value'], this.labelNames));
    for await (const samples of windows) {
      const endings: (Uint8Array | undefined)[] = [];
      while (samples.next()) {
        const { owner, series } = samples;
        let ending = endings[owner];
        if (ending === undefined) {
          ending = this.endingOf(series);
          if (this.endings.has(series)) endings[owner] = ending;
        }
        rows.encoded(beginning);
        style.writeTime(rows, samples.at);
        rows.encoded(separator);
        rows.number(samples.value);
        rows.encoded(ending);
        if (!rows.isFull) continue;
        yield rows.take();
        await turns.give();
      }
    }
    if (!rows.isEmpty) yield rows.take();
  }

  private endingOf(series: Series): Uint8Array {
    let ending = this.endings.get(series);
    if (ending === undefined) {
      const fields = labelFields(this.style, this.labelNames, labelsFromText(series.labelsText));
      ending = Buffer.from(`${fields}\r\n`);
      if (this.keptBytes + ending.length <= MAX_KEPT_BYTES) {
        this.endings.set(series, ending);
        this.keptBytes += ending.length;
      }
    }
    return ending;
  }
}
