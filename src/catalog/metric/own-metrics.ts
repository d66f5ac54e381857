import { Injectable } from '@nestjs/common';
import { type Metric as RegisteredMetric, register } from 'prom-client';
import { HISTOGRAM_SUFFIX } from './histogram-family.js';
import type { LabelSet } from '../series/label-set.js';
import { Refusal } from '../refusal.js';
import type { FamilyType } from './family-type.js';

/**
 * Names of the series that Prometheus itself writes about every target. A pushed series of such a name, with any labels, would
 * be mistaken for one of them: `up == 0`, for example, is a common alert.
 */
const SCRAPE_METRICS = new Set([
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
  'scrape_body_size_bytes',
  'scrape_sample_limit',
  'scrape_timeout_seconds',
]);

const PART = /_(?:bucket|sum|count)$/;

/** The current state of one of the service's own metrics. */
export interface OwnFamily {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly samples: readonly OwnSample[];
}

/** A sample of one of the service's own metrics. */
export interface OwnSample {
  readonly name: string;
  /** The labels, without those that have an empty value. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the service's own metrics, and decides which pushed series may appear next to them. This is the only file that reads the
 * registry of prom-client. Our formatter writes the families instead of `registry.metrics()`, because prom-client sets the format
 * for the whole registry, while two concurrent scrapes may request different formats.
 *
 * A pushed series may have the name of one of these metrics: `process_cpu_seconds_total`, for example, is in the default registry
 * of a client and of this service. Both are then in one family and differ by their labels, as with Pushgateway. So their types
 * have to be the same, and a pushed series needs a label that the service's series do not have, such as `job`.
 */
@Injectable()
export class OwnMetrics {
  /** The global registry. @willsoto/nestjs-prometheus and the host's own metrics use it as well. */
  private readonly registry = register;
  private joinOthers: ((own: readonly OwnFamily[]) => Promise<OwnFamily[]>) | undefined;

  /**
   * Adds the metrics of other processes to those that the exposition shows.
   *
   * @param join receives the families of this process and returns those of all processes
   */
  addOthers(join: (own: readonly OwnFamily[]) => Promise<OwnFamily[]>): void {
    this.joinOthers = join;
  }

  /**
   * Returns why a metric can't be pushed or shown as this type, or undefined if it can.
   *
   * @param isPart whether the metric is one of the counters of a pushed histogram
   */
  conflictOfType(name: string, type: FamilyType, isPart = false): Refusal | undefined {
    if (SCRAPE_METRICS.has(name)) {
      return new Refusal(
        'reserved_name',
        `Prometheus itself writes ${name} about each target, and a pushed series would be mistaken for it. Use another name.`,
      );
    }
    const own = this.typeOf(name);
    if (own !== undefined && own !== type) return typeConflict(name, own, type);
    const family = this.familyOfPart(name);
    if (family !== undefined && !(isPart && this.typeOf(family) === 'histogram')) {
      return new Refusal(
        'type_conflict',
        `${name} belongs to the ${this.typeOf(family)} ${family} of this service. Push a whole histogram of that name, or use another name.`,
      );
    }
    if (type !== 'histogram') return undefined;
    const part = Object.values(HISTOGRAM_SUFFIX)
      .map((suffix) => name + suffix)
      .find((each) => this.typeOf(each) !== undefined);
    return part === undefined ? undefined : typeConflict(part, this.typeOf(part)!, 'counter of a histogram');
  }

  /**
   * Returns why a series conflicts with the service's own series of that name. Returns undefined if there are none, or if the
   * series has a label that they do not have.
   */
  conflictOfLabels(name: string, labels: LabelSet): Refusal | undefined {
    const family = this.familyOfPart(name);
    const ownLabels = this.labelNamesOf(family ?? name);
    if (ownLabels === undefined) return undefined;
    const isTold = labels.some(([label]) => !ownLabels.includes(label) && !(family !== undefined && label === 'le'));
    if (isTold) return undefined;
    return new Refusal(
      'reserved_name',
      `${name} is a metric of this service, and no label distinguishes this series from its own. Add a label, such as job, or use another name.`,
    );
  }

  /** Returns the families that the exposition shows. */
  async families(): Promise<OwnFamily[]> {
    const families = await this.familiesOfThisProcess();
    return this.joinOthers === undefined ? families : this.joinOthers(families);
  }

  /** Returns the current content of the registry, including families without samples. */
  async familiesOfThisProcess(): Promise<OwnFamily[]> {
    const metrics = await this.registry.getMetricsAsJSON();
    return metrics.map((metric) => {
      const values = metric.values as { value: number; labels: Record<string, string | number>; metricName?: string }[];
      return {
        name: metric.name,
        // Since version 15 the type is a string, but the type declarations of prom-client still say otherwise.
        type: metric.type as unknown as FamilyType,
        help: metric.help,
        samples: values.map(({ value, labels, metricName }) => ({
          name: metricName ?? metric.name,
          labels: asTexts(labels),
          value,
        })),
      };
    });
  }

  private typeOf(name: string): FamilyType | undefined {
    return this.find(name)?.type;
  }

  private labelNamesOf(name: string): readonly string[] | undefined {
    return this.find(name)?.labelNames;
  }

  /** Returns the histogram or summary of the service that has samples of this name. */
  private familyOfPart(name: string): string | undefined {
    const suffix = PART.exec(name)?.[0];
    if (suffix === undefined) return undefined;
    const family = name.slice(0, -suffix.length);
    const type = this.typeOf(family);
    return type === 'histogram' || type === 'summary' ? family : undefined;
  }

  /**
   * Finds a metric of the service. The registry keeps its metrics in a plain object, which would also find `constructor` or
   * `toString` if these names were not excluded.
   */
  private find(name: string): { readonly type: FamilyType; readonly labelNames: readonly string[] } | undefined {
    if (name in Object.prototype) return undefined;
    // The type declarations lack properties that every metric has.
    const metric = this.registry.getSingleMetric(name) as
      (RegisteredMetric & { readonly type: FamilyType; readonly labelNames: readonly string[] }) | undefined;
    return metric;
  }
}

function typeConflict(name: string, own: FamilyType, wanted: string): Refusal {
  return new Refusal(
    'type_conflict',
    `${name} is a ${own} of this service and can't be used as a ${wanted}. Push it as a ${own}, or use another name.`,
  );
}

/** Returns label values as strings, without empty ones, because a label with an empty value is an absent label. */
function asTexts(labels: Readonly<Record<string, string | number>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) if (value !== '') texts[name] = String(value);
  return texts;
}
