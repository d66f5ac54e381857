import type { Series } from '../../../catalog/series/series.js';
import type { ItemPlace } from '../../../ingestion/recognition/item-table.js';
import { ScrapedSamples } from '../../../ingestion/recognition/scraped-samples.js';
import { MessageBytes } from './message-bytes.js';

/** Finds the series of labels, and says which samples can be stored without examining them further. */
export interface SeriesRecognition {
  /** Returns the series whose labels have these bytes; undefined if it is not known. */
  find(bytes: DataView, place: ItemPlace): Series | undefined;
  /** Remembers the series whose labels have these bytes. */
  remember(bytes: DataView, place: ItemPlace, series: Series): void;
  /** The oldest and the newest time of samples that can be stored without further checks, in milliseconds since the epoch. */
  readonly oldest: number;
  readonly newest: number;
}

const VALUE_TAG = 0x09;
const TIMESTAMP_TAG = 0x10;
/** Version 1.0 has no start times. There, this is the tag of an unknown field, which the usual path skips. */
const START_TAG = 0x18;
export const SAMPLE_TAG = 0x12;

/** The size of a value with its tag. */
const VALUE_BYTES = 9;

/** The tags of a series that differ between the versions. */
export interface SeriesTags {
  readonly histogram: number;
  readonly exemplar: number;
  /** Metadata, which is a part of the key; 0 if there is none. */
  readonly metadata: number;
}

/** The place of a key in an array of bytes. */
class Key implements ItemPlace {
  start = 0;
  valueStart = 0;
  valueEnd = 0;
  end = 0;

  setTo(start: number, end: number): void {
    this.start = start;
    this.valueStart = end;
    this.valueEnd = end;
    this.end = end;
  }
}

/**
 * Reads series whose labels were sent before, without creating strings or objects.
 *
 * The reader knows only the form in which senders usually write a series, with all labels first. It leaves any other series to
 * the usual path, and also every series with a sample that might be refused. So for each series that it reads, it returns exactly
 * the samples that the usual path would store.
 */
export abstract class KnownSeriesReader {
  /** The samples of all series that were read. */
  readonly samples = new ScrapedSamples();
  histograms = 0;
  exemplars = 0;

  protected readonly key = new Key();

  constructor(
    protected readonly message: MessageBytes,
    private readonly tags: SeriesTags,
    private readonly recognition: SeriesRecognition,
  ) {}

  /**
   * Reads the series at [start, end).
   *
   * @returns false if the series is left to the usual path, in which case nothing of it is kept
   */
  read(start: number, end: number): boolean {
    const keyBytes = this.readKey(start, end);
    const series = keyBytes && this.recognition.find(keyBytes.view, this.key);
    if (series === undefined) return false;
    const { histograms, exemplars } = this;
    const { length } = this.samples;
    if (this.readSamples(series, this.message.position, end)) return true;
    this.samples.cutTo(length);
    this.histograms = histograms;
    this.exemplars = exemplars;
    return false;
  }

  /**
   * Remembers the series at [start, end), whose samples were accepted, unless it is known or in an unusual form: a label after the
   * samples would not be a part of the key.
   */
  remember(start: number, end: number, series: Series): void {
    const keyBytes = this.readKey(start, end);
    if (keyBytes === undefined || this.recognition.find(keyBytes.view, this.key) !== undefined) return;
    if (this.hasUsualFields(this.message.position, end)) this.recognition.remember(keyBytes.view, this.key, series);
  }

  /**
   * Puts the place of the key into {@link key}, and the position after the labels into `message.position`.
   *
   * @returns the bytes that contain the key; undefined for a series in an unusual form
   */
  protected abstract readKey(start: number, end: number): MessageBytes | undefined;

  private hasUsualFields(start: number, end: number): boolean {
    const { message, tags } = this;
    for (let at = start; at < end;) {
      const tag = message.bytes[at]!;
      at = message.endOfBytes(at + 1, end);
      if (at < 0 || (tag !== SAMPLE_TAG && tag !== tags.histogram && tag !== tags.exemplar && tag !== tags.metadata)) {
        return false;
      }
    }
    return true;
  }

  private readSamples(series: Series, start: number, end: number): boolean {
    const { message, tags } = this;
    const { bytes } = message;
    for (let at = start; at < end; at = message.position) {
      const tag = bytes[at]!;
      const fieldEnd = message.endOfBytes(at + 1, end);
      if (fieldEnd < 0) return false;
      if (tag === SAMPLE_TAG) {
        if (!this.readSample(series, message.position, fieldEnd)) return false;
      } else if (tag === tags.histogram) this.histograms++;
      else if (tag === tags.exemplar) this.exemplars++;
      else if (tag !== tags.metadata) return false;
      message.position = fieldEnd;
    }
    return true;
  }

  private readSample(series: Series, start: number, end: number): boolean {
    const { message } = this;
    const { bytes, view } = message;
    let value = 0;
    let timestamp = 0;
    let startedAt = 0;
    for (let at = start; at < end; at = message.position) {
      const tag = bytes[at]!;
      if (tag === VALUE_TAG) {
        if (at + VALUE_BYTES > end) return false;
        value = view.getFloat64(at + 1, true);
        message.position = at + VALUE_BYTES;
      } else if (tag === TIMESTAMP_TAG) timestamp = message.varint(at + 1, end);
      else if (tag === START_TAG && this.tags.metadata !== 0) startedAt = message.varint(at + 1, end);
      else return false;
      if (timestamp < 0 || startedAt < 0) return false;
    }
    const { oldest, newest } = this.recognition;
    const isFinite = Math.abs(value) !== Infinity || series.kind === 'gauge';
    if (!isFinite || timestamp < oldest || timestamp > newest) return false;
    this.samples.add(series, value, timestamp, startedAt);
    return true;
  }
}
