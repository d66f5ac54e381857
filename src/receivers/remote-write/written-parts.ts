import { Refusal } from '../../catalog/refusal.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import type { IngestResult } from '../../ingestion/ingest-result.js';
import type { IngestionService } from '../../ingestion/ingestion.service.js';
import { Turns } from '../../scheduling/turns.js';
import type { KnownSeriesReader } from './message/known-series-reader.js';
import type { WrittenSeries } from './message/write-request.js';
import type { WrittenSamples } from './written-samples.js';

/** Samples of a request that are stored together. */
export interface WrittenPart {
  readonly samples: readonly IncomingSample[];
  /** For each sample, the series in the request that contains it. */
  readonly origins: readonly WrittenSeries[];
}

/** Number of samples whose series are remembered between two opportunities for other work. */
const SERIES_PER_STEP = 32;

/**
 * Splits series into parts of at most `maxSamples` samples, because a sender does not know this limit.
 *
 * @param onRefused is called for each series that is refused as a whole, with the number of its samples
 */
export async function* partsOf(
  series: readonly WrittenSeries[],
  converter: WrittenSamples,
  maxSamples: number,
  onRefused: (refusal: Refusal, samples: number) => void,
): AsyncGenerator<WrittenPart> {
  const turns = new Turns();
  let samples: IncomingSample[] = [];
  let origins: WrittenSeries[] = [];
  for (const each of series) {
    if (turns.isUp) await turns.give();
    const converted = converter.of(each);
    if (converted instanceof Refusal) {
      onRefused(converted, each.samples.length);
      continue;
    }
    for (const sample of converted) {
      samples.push(sample);
      origins.push(each);
      if (samples.length < maxSamples) continue;
      yield { samples, origins };
      samples = [];
      origins = [];
    }
  }
  if (samples.length > 0) yield { samples, origins };
}

/**
 * Remembers the series of a part whose samples were accepted, so that the next request need not decode their labels.
 *
 * A series is left out as long as its samples declare something that is not stored yet.
 *
 * @param isStill returns whether the catalog and the metadata have stayed unchanged since before the part was converted
 */
export function* rememberSeries(
  { samples, origins }: WrittenPart,
  { series, refused }: IngestResult,
  known: KnownSeriesReader,
  ingestion: Pick<IngestionService, 'saysNothingNew'>,
  isStill: () => boolean,
): Generator<void, void> {
  // A stale marker of a series that does not exist is neither accepted nor refused, so the accepted series can't be assigned to
  // their samples with certainty.
  if (series.length + refused.length < samples.length) return;
  let refusedBefore = 0;
  for (const [index, sample] of samples.entries()) {
    if (index % SERIES_PER_STEP === 0) yield;
    if (!isStill()) return;
    if (refused[refusedBefore]?.index === index) {
      refusedBefore++;
      continue;
    }
    const accepted = series[index - refusedBefore]!;
    const { start, end } = origins[index]!;
    if (sample.isStale !== true && ingestion.saysNothingNew(sample, accepted)) known.remember(start, end, accepted);
  }
}
