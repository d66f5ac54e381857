import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { Turns } from '../../scheduling/turns.js';
import { textsByName } from '../../settings/rules/pair-lists.js';
import { encodeLabels } from '../message/encode-write-request.js';
import { SeriesTextsRepository, type StoredSeries } from './series-texts.repository.js';

/** How the samples of a series are forwarded. */
export enum Form {
  /** Each sample as it was pushed. */
  AsPushed,
  /** The running total after each change. */
  Total,
  /** The running total of a counter, which begins with 0. */
  CounterTotal,
}

/** A series as it is written into a remote-write request. */
export interface SeriesText {
  /** The labels, encoded and sorted, with the name of the metric and the external labels. */
  readonly labels: Uint8Array;
  readonly form: Form;
}

const SERIES_PER_READ = 5_000;

/** Maximum memory of the labels that are kept between two stretches, and the memory of a series besides its labels, in bytes. */
const MAX_BYTES = 64 * 1024 ** 2;
const BYTES_PER_SERIES = 150;

/** Keeps the encoded labels of series that were forwarded recently. */
@Injectable()
export class SeriesTexts {
  private readonly texts = new Map<number, SeriesText>();
  private bytes = 0;
  private names = '';
  private readonly externalLabels: Readonly<Record<string, string>>;
  private readonly hasTotals: boolean;

  constructor(
    private readonly repository: SeriesTextsRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) { forwarding }: CustomMetricsOptions,
  ) {
    this.externalLabels = textsByName(forwarding.externalLabels);
    this.hasTotals = forwarding.counters === 'held';
  }

  /**
   * Reads the labels of some series, unless they are in memory.
   *
   * @param names a text that changes with each rename and each deletion. If it has changed, all labels are read again
   */
  async load(ids: Int32Array, names: string): Promise<void> {
    if (names !== this.names || this.bytes > MAX_BYTES) this.forget();
    this.names = names;
    const missing = Array.from(ids).filter((id) => !this.texts.has(id));
    const turns = new Turns();
    for (let from = 0; from < missing.length; from += SERIES_PER_READ) {
      for (const series of await this.repository.find(missing.slice(from, from + SERIES_PER_READ))) {
        this.add(series);
        if (turns.isUp) await turns.give();
      }
    }
  }

  /** Returns a series that was loaded; undefined if it was deleted. */
  get(id: number): SeriesText | undefined {
    return this.texts.get(id);
  }

  forget(): void {
    this.texts.clear();
    this.bytes = 0;
  }

  /** Returns the encoded labels of a series, with the external labels. */
  labelsOf({ name, labels }: Pick<StoredSeries, 'name' | 'labels'>): Uint8Array {
    return encodeLabels({ ...this.externalLabels, ...labels, __name__: name });
  }

  private add(series: StoredSeries): void {
    const labels = this.labelsOf(series);
    this.texts.set(series.id, { labels, form: this.formOf(series) });
    this.bytes += labels.length + BYTES_PER_SERIES;
  }

  private formOf({ kind, type }: StoredSeries): Form {
    if (kind !== 'delta' || !this.hasTotals) return Form.AsPushed;
    return type === 'gauge' ? Form.Total : Form.CounterTotal;
  }
}
