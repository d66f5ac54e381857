import { Refusal } from '../../../catalog/refusal.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';

export function invalid(message: string): Refusal {
  return new Refusal('data_point_invalid', message);
}

export function notFinite(name: string, value: number | null): Refusal {
  return invalid(
    `${abbreviate(name)} has ${value === null ? 'no value' : `the value ${value}`}; only finite numbers are kept.`,
  );
}

export function noTemporality(name: string): Refusal {
  return invalid(
    `${abbreviate(name)} has no aggregationTemporality, so its values could be changes or totals. Set it to delta or cumulative.`,
  );
}

export function unusableName(name: string): Refusal {
  return invalid(
    `The metric name "${abbreviate(name)}" has no letter, digit or colon that Prometheus allows. Rename it.`,
  );
}

export function exponentialHistogram(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${abbreviate(name)} is an exponential histogram, which is not supported. Use explicit buckets: unset ` +
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION or set it to explicit_bucket_histogram, or give the ' +
      'instrument a view with that aggregation.',
  );
}

export function unknownKind(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${abbreviate(name)} has no data of a supported kind: gauge, sum, histogram or summary.`,
  );
}
