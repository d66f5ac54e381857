import { Injectable } from '@nestjs/common';
import { type Metric as RegisteredMetric, register } from 'prom-client';
import { HISTOGRAM_SUFFIX } from './histogram-family.js';
import type { LabelSet } from '../series/label-set.js';
import { Refusal } from '../refusal.js';
import type { FamilyType } from './family-type.js';

/**
 * What Prometheus itself writes about every target. A pushed series of that name, with whatever labels, would be taken for
 * it: `up == 0` is an alert.
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

/** A metric of the service itself, as its registry has it now. */
export interface OwnFamily {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly samples: readonly OwnSample[];
}

/** One line of an own metric. */
export interface OwnSample {
  readonly name: string;
  /** Without empty ones. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The service's own metrics, and which pushed series can stand beside them. The only file that knows prom-client's
 * registry. The families are written by our formatter instead of `registry.metrics()`, because prom-client switches the
 * format for the whole registry, and two scrapes at once may ask for different ones.
 *
 * A pushed series may have the name of an own metric: the default registry of a client has `process_cpu_seconds_total`, as
 * this service has. Both stand in one family, told apart by their labels, as with Pushgateway. So the types have to be the
 * same, and a pushed series needs a label that the own ones do not have, such as `job`.
 */
@Injectable()
export class OwnMetrics {
  /** The global registry: the one that @willsoto/nestjs-prometheus and the host's own metrics use. */
  private readonly registry = register;

  /**
   * Says why a metric can't be pushed or shown as this type.
   *
   * @param isPart it is one of the samples of a pushed histogram
   */
  conflictOfType(name: string, type: FamilyType, isPart = false): Refusal | undefined {
    if (SCRAPE_METRICS.has(name)) {
      return new Refusal(
        'reserved_name',
        `${name} is what Prometheus itself writes about each target, and a pushed series would be taken for it. Use another name.`,
      );
    }
    const own = this.typeOf(name);
    if (own !== undefined && own !== type) return typeConflict(name, own, type);
    const family = this.familyOfPart(name);
    if (family !== undefined && !(isPart && this.typeOf(family) === 'histogram')) {
      return new Refusal(
        'type_conflict',
        `${name} belongs to the ${this.typeOf(family)} ${family} of this service itself. Push a whole histogram of that name, or use another name.`,
      );
    }
    if (type !== 'histogram') return undefined;
    const part = Object.values(HISTOGRAM_SUFFIX)
      .map((suffix) => name + suffix)
      .find((each) => this.typeOf(each) !== undefined);
    return part === undefined ? undefined : typeConflict(part, this.typeOf(part)!, 'counter of a histogram');
  }

  /** Says why a series can't stand beside the own ones of its name: it has no label that they do not have. */
  conflictOfLabels(name: string, labels: LabelSet): Refusal | undefined {
    const family = this.familyOfPart(name);
    const ownLabels = this.labelNamesOf(family ?? name);
    if (ownLabels === undefined) return undefined;
    const isTold = labels.some(([label]) => !ownLabels.includes(label) && !(family !== undefined && label === 'le'));
    if (isTold) return undefined;
    return new Refusal(
      'reserved_name',
      `${name} is a metric of this service itself, and nothing tells this series from its own. Add a label, such as job, or use another name.`,
    );
  }

  /** What the registry holds now, families without samples among it. */
  async families(): Promise<OwnFamily[]> {
    const metrics = await this.registry.getMetricsAsJSON();
    return metrics.map((metric) => {
      const values = metric.values as { value: number; labels: Record<string, string | number>; metricName?: string }[];
      return {
        name: metric.name,
        // Since version 15 the type is a word, which prom-client's declarations have not learned.
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

  /** The own histogram or summary that has samples of this name. */
  private familyOfPart(name: string): string | undefined {
    const suffix = PART.exec(name)?.[0];
    if (suffix === undefined) return undefined;
    const family = name.slice(0, -suffix.length);
    const type = this.typeOf(family);
    return type === 'histogram' || type === 'summary' ? family : undefined;
  }

  /** The registry keeps its metrics in a plain object, and would also find `constructor` or `toString` there. */
  private find(name: string): { readonly type: FamilyType; readonly labelNames: readonly string[] } | undefined {
    if (name in Object.prototype) return undefined;
    // Its declarations do not tell what every metric has.
    const metric = this.registry.getSingleMetric(name) as
      (RegisteredMetric & { readonly type: FamilyType; readonly labelNames: readonly string[] }) | undefined;
    return metric;
  }
}

function typeConflict(name: string, own: FamilyType, wanted: string): Refusal {
  return new Refusal(
    'type_conflict',
    `${name} is a ${own} of this service itself and can't be taken as a ${wanted}. Push it as a ${own}, or use another name.`,
  );
}

/** An empty value is the label's absence. */
function asTexts(labels: Readonly<Record<string, string | number>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) if (value !== '') texts[name] = String(value);
  return texts;
}
