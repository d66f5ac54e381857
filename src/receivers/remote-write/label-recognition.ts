import type { Series } from '../../catalog/series/series.js';
import type { ItemPlace } from '../../ingestion/recognition/item-table.js';
import type { RecognisedSeries } from '../../ingestion/recognition/recognised-series.js';
import type { SeriesRecognition } from './message/known-series-reader.js';
import type { WriteVersion } from './message/write-request.js';

/** Finds the series of one request by the bytes of their labels. */
export class LabelRecognition implements SeriesRecognition {
  readonly oldest: number;
  readonly newest: number;
  private readonly sender: string;

  /**
   * @param group identifies the senders that get the same series for the same labels
   * @param generation returns the current generation of the catalog
   * @param times the oldest and the newest time that a sample may have
   */
  constructor(
    private readonly recognised: RecognisedSeries,
    version: WriteVersion,
    group: string,
    private readonly generation: () => number,
    times: { readonly oldest: number; readonly newest: number },
  ) {
    this.sender = `${version} ${group}`;
    this.oldest = times.oldest;
    this.newest = times.newest;
  }

  find(bytes: DataView, place: ItemPlace): Series | undefined {
    this.recognised.keepOnlyFor(this.generation());
    return this.recognised.find(bytes, place, this.sender);
  }

  remember(bytes: DataView, place: ItemPlace, series: Series): void {
    if (!series.isRemoved) this.recognised.put(bytes, place, this.sender, series);
  }
}
