import { Injectable } from '@nestjs/common';
import { register } from 'prom-client';
import { escapeLabelValue } from '../catalog/label-set.js';
import { type ExpositionFormat, type FamilyType, formatHeader, formatSample } from './page-format.js';

/** What Prometheus itself writes about every target; a pushed series of that name would stand in for it. */
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

const SAMPLE_SUFFIX = /^(.*)_(?:bucket|sum|count|created)$/;

/**
 * The service's own metrics: the only file that knows prom-client's registry. Written by our formatter instead of
 * `registry.metrics()`, because prom-client switches the format for the whole registry, and two scrapes at once may ask
 * for different ones.
 */
@Injectable()
export class OwnMetrics {
  /** The global registry: the one that @willsoto/nestjs-prometheus and the host's own metrics use. */
  private readonly registry = register;

  /** Whether a pushed metric of that name would meet one of the service's own, or of Prometheus'. */
  isReserved(name: string): boolean {
    if (SCRAPE_METRICS.has(name)) return true;
    if (this.has(name) || this.has(`${name}_total`)) return true;
    const family = SAMPLE_SUFFIX.exec(name)?.[1];
    return family !== undefined && this.has(family);
  }

  /** The registry keeps its metrics in a plain object, and would also find `constructor` or `toString` there. */
  private has(name: string): boolean {
    return !(name in Object.prototype) && this.registry.getSingleMetric(name) !== undefined;
  }

  /** The own part of the page. */
  async write(format: ExpositionFormat): Promise<string> {
    let text = '';
    for (const metric of await this.registry.getMetricsAsJSON()) {
      const values = metric.values as { value: number; labels: Record<string, string | number>; metricName?: string }[];
      if (values.length === 0) continue;
      // Since version 15 the type is a word, which prom-client's declarations have not learned.
      const type = metric.type as unknown as FamilyType;
      text += formatHeader({ name: metric.name, type, help: metric.help }, format, () => false);
      for (const { value, labels, metricName } of values) {
        text += formatSample(metricName ?? metric.name, labelsTextOf(labels), value);
      }
    }
    return text;
  }
}

function labelsTextOf(labels: Record<string, string | number>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabelValue(String(value))}"`)
    .join(',');
}
