import type { Catalog } from '../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import { Refusal } from '../../catalog/refusal.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { type NameValidation, storedMetricName } from '../../outside-text/name.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { type FamilyMetadata, MAX_NAME_LENGTH, metadataOfSeries, type MetadataOfSeries } from './family-metadata.js';
import type { WrittenSeries } from './message/write-request.js';

const METRIC_NAME = '__name__';

type Description = Pick<IncomingSample, 'type' | 'help' | 'unit' | 'histogram'>;

/** Converts written series to samples for ingestion. */
export class WrittenSamples {
  private items = 0;

  /**
   * @param catalog contains the types of existing metrics
   * @param families contains metadata that arrived without samples
   */
  constructor(
    private readonly catalog: Pick<Catalog, 'findMetric'>,
    private readonly families: FamilyMetadata,
    private readonly nameValidation: NameValidation,
  ) {}

  /**
   * Returns the samples of a series, or a refusal if a label occurs twice. Values of counters are running totals. NaN becomes a
   * stale marker, even if it is the quantile of a summary without observations, because both mean that there is no value.
   */
  of({ labels: texts, samples, metadata }: WrittenSeries): IncomingSample[] | Refusal {
    let name: string | undefined;
    // The object has no prototype, because a label may be called `__proto__`.
    const labels = Object.create(null) as Record<string, string>;
    for (let index = 0; index < texts.length; index += 2) {
      const label = texts[index]!;
      const value = texts[index + 1]!;
      const isName = label === METRIC_NAME;
      if (isName ? name !== undefined : label in labels) return labelTwice(label, texts);
      if (isName) name = value;
      else labels[label] = value;
    }
    return this.samplesOf(name ?? '', labels, samples, metadata);
  }

  private samplesOf(
    name: string,
    labels: Readonly<Record<string, string>>,
    samples: WrittenSeries['samples'],
    metadata: WrittenSeries['metadata'],
  ): IncomingSample[] {
    const description = this.describe(name, metadata && metadataOfSeries(name, metadata));
    return samples.map(({ value, timestamp, startedAt }) =>
      Number.isNaN(value)
        ? { name, labels, value, timestamp, isStale: true, isScraped: true }
        : {
            ...description,
            // Samples of one item are refused together, so each sample gets an item of its own.
            histogram: description.histogram && { ...description.histogram, item: this.items++ },
            name,
            labels,
            value,
            timestamp,
            startedAt: startedAt || null,
            temporality: 'cumulative',
            isScraped: true,
          },
    );
  }

  /**
   * Returns the declaration of a series. A metric that exists keeps its type, because its first samples may have arrived before
   * the metadata, when only the name could decide.
   */
  private describe(name: string, sent: MetadataOfSeries | undefined): Description {
    if (name.length > MAX_NAME_LENGTH) return {};
    const metadata = sent ?? this.families.of(name);
    if (metadata === undefined) return {};
    const { family, help, unit } = metadata;
    const existing = this.catalog.findMetric(storedMetricName(name, this.nameValidation));
    const description = { help, unit: existing?.unit == null ? unit : undefined };
    const type = typeOf(name, metadata);
    if (metadata.type !== 'histogram' || type !== 'counter') {
      return { ...description, type: existing === undefined ? type : undefined };
    }
    const histogram = this.catalog.findMetric(storedMetricName(family, this.nameValidation));
    const isOtherMetric = histogram !== undefined && histogram.type !== 'histogram';
    if (isOtherMetric || existing?.type === 'gauge') return {};
    const isUnitKnown = histogram?.unit != null;
    return { type, histogram: { name: family, item: 0, help, unit: isUnitKnown ? undefined : unit } };
  }
}

/** Returns the type of a series; undefined if its name decides. */
function typeOf(name: string, { type, family }: MetadataOfSeries): 'counter' | 'gauge' | undefined {
  switch (type) {
    case 'counter':
      return 'counter';
    // The quantiles of a summary are current values. Its sum and count only rise.
    case 'summary':
      return name === family ? 'gauge' : 'counter';
    // A native histogram has the name of the family, and its samples are not stored.
    case 'histogram':
      return isPart(name, family) ? 'counter' : undefined;
    case 'gauge':
    case 'gaugehistogram':
    case 'info':
    case 'stateset':
      return 'gauge';
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}

function labelTwice(label: string, texts: readonly string[]): Refusal {
  const name = texts[texts.findIndex((text, index) => index % 2 === 0 && text === METRIC_NAME) + 1] ?? '';
  return new Refusal(
    'label_name_duplicate',
    `A series of ${abbreviate(name)} has the label ${abbreviate(label)} twice. Send each label once.`,
  );
}

function isPart(name: string, family: string): boolean {
  return Object.values(HISTOGRAM_SUFFIX).some((suffix) => name === family + suffix);
}
