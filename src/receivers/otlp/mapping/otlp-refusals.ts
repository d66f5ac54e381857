import { Refusal } from '../../../catalog/refusal.js';

const SHOWN_CHARACTERS = 80;

/** Echoes what was sent, but not megabytes of it. */
export function shown(name: string): string {
  return name.length <= SHOWN_CHARACTERS ? name : `${name.slice(0, SHOWN_CHARACTERS)}…`;
}

export function invalid(message: string): Refusal {
  return new Refusal('data_point_invalid', message);
}

export function notFinite(name: string, value: number | null): Refusal {
  return invalid(
    `${shown(name)} has ${value === null ? 'no value' : `the value ${value}`}; only finite numbers are kept.`,
  );
}

export function noTemporality(name: string): Refusal {
  return invalid(
    `${shown(name)} does not say its aggregationTemporality, so nobody knows whether its values are changes or totals.`,
  );
}

export function unusableName(name: string): Refusal {
  return invalid(`The metric name "${shown(name)}" has no letter, digit or colon that Prometheus allows. Rename it.`);
}

export function exponentialHistogram(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${shown(name)} is an exponential histogram, which is not kept. Use explicit buckets: unset ` +
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION or set it to explicit_bucket_histogram, or give the ' +
      'instrument a view with that aggregation.',
  );
}

export function unknownKind(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${shown(name)} has no data of a kind that is known here: gauge, sum, histogram or summary.`,
  );
}
