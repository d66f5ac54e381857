import { Refusal } from '../../../catalog/refusal.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';

export function invalid(message: string): Refusal {
  return new Refusal('data_point_invalid', message);
}

export function notFinite(name: string, value: number | null): Refusal {
  return invalid(
    `${abbreviate(name)} has ${value === null ? 'no value' : `the value ${value}`}; only finite numbers are kept, and in gauges infinite ones.`,
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

export function unknownKind(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${abbreviate(name)} has no data of a supported kind: gauge, sum, histogram or summary.`,
  );
}
