import type { Temporality } from '../../../catalog/metric/metric.js';
import { attributesIn } from '../mapping/otlp-attribute.js';
import {
  booleanIn,
  doubleIn,
  doublesIn,
  enumIn,
  inside,
  insideSteps,
  integerIn,
  integersIn,
  listLengthIn,
  messageIn,
  messagesIn,
  messagesInSteps,
  millisecondsIn,
  type OtlpFields,
  textIn,
} from '../mapping/otlp-fields.js';
import { MAX_EXPONENTIAL_BUCKETS } from '../mapping/exponential-buckets.js';
import type {
  OtlpBuckets,
  OtlpExponentialHistogram,
  OtlpHistogram,
  OtlpMetric,
  OtlpNumber,
  OtlpPoint,
  OtlpPoints,
  OtlpRequest,
  OtlpResource,
  OtlpScope,
  OtlpSummary,
} from './otlp-request.js';

const AGGREGATION_TEMPORALITIES = [
  'AGGREGATION_TEMPORALITY_UNSPECIFIED',
  'AGGREGATION_TEMPORALITY_DELTA',
  'AGGREGATION_TEMPORALITY_CUMULATIVE',
] as const;

/** The flag `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`. */
const NO_RECORDED_VALUE = 1;

const EMPTY: OtlpFields = {};

/**
 * Reads an `ExportMetricsServiceRequest`, parsed from JSON or decoded from protobuf, and yields after each data point. Unknown
 * fields are ignored.
 *
 * @throws MalformedOtlpError with the path of the bad field, which consists of the field names of the JSON form
 */
export function* readRequest(request: OtlpFields): Generator<void, OtlpRequest> {
  return { resources: yield* messagesInSteps(request, 'resourceMetrics', readResource) };
}

function* readResource(fields: OtlpFields): Generator<void, OtlpResource> {
  const resource = messageIn(fields, 'resource') ?? EMPTY;
  return {
    attributes: inside('resource', () => attributesIn(resource, 'attributes')),
    scopes: yield* messagesInSteps(fields, 'scopeMetrics', readScope),
  };
}

function* readScope(fields: OtlpFields): Generator<void, OtlpScope> {
  const scope = messageIn(fields, 'scope') ?? EMPTY;
  const about = inside('scope', () => ({
    name: textIn(scope, 'name'),
    version: textIn(scope, 'version'),
    attributes: attributesIn(scope, 'attributes'),
  }));
  const schemaUrl = textIn(fields, 'schemaUrl');
  return { ...about, schemaUrl, metrics: yield* messagesInSteps(fields, 'metrics', readMetric) };
}

function* readMetric(fields: OtlpFields): Generator<void, OtlpMetric> {
  return {
    name: textIn(fields, 'name'),
    description: textIn(fields, 'description'),
    unit: textIn(fields, 'unit'),
    points: yield* readPoints(fields),
  };
}

const POINTS: Readonly<Record<string, (held: OtlpFields) => Generator<void, OtlpPoints>>> = {
  *gauge(gauge) {
    return { kind: 'gauge', points: yield* messagesInSteps(gauge, 'dataPoints', readNumber) };
  },
  *sum(sum) {
    const points = yield* messagesInSteps(sum, 'dataPoints', readNumber);
    return {
      kind: 'sum',
      points,
      temporality: readTemporality(sum),
      isMonotonic: booleanIn(sum, 'isMonotonic') ?? false,
    };
  },
  *histogram(histogram) {
    const points = yield* messagesInSteps(histogram, 'dataPoints', readHistogram);
    return { kind: 'histogram', points, temporality: readTemporality(histogram) };
  },
  *summary(summary) {
    return { kind: 'summary', points: yield* messagesInSteps(summary, 'dataPoints', readSummary) };
  },
  *exponentialHistogram(exponential) {
    const points = yield* messagesInSteps(exponential, 'dataPoints', readExponentialHistogram);
    return { kind: 'exponential histogram', points, temporality: readTemporality(exponential) };
  },
};

function* readPoints(metric: OtlpFields): Generator<void, OtlpPoints> {
  for (const [name, read] of Object.entries(POINTS)) {
    const held = messageIn(metric, name);
    if (held !== undefined) return yield* insideSteps(name, read(held));
  }
  return { kind: 'unknown' };
}

function readTemporality(fields: OtlpFields): Temporality | null {
  const given = enumIn(fields, 'aggregationTemporality', AGGREGATION_TEMPORALITIES);
  if (given === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta';
  return given === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : null;
}

function readPoint(fields: OtlpFields): OtlpPoint {
  return {
    attributes: attributesIn(fields, 'attributes'),
    timestamp: millisecondsIn(fields, 'timeUnixNano'),
    startedAt: millisecondsIn(fields, 'startTimeUnixNano'),
    hasNoValue: ((integerIn(fields, 'flags') ?? 0) & NO_RECORDED_VALUE) !== 0,
  };
}

function readNumber(fields: OtlpFields): OtlpNumber {
  return { ...readPoint(fields), value: doubleIn(fields, 'asDouble') ?? integerIn(fields, 'asInt') ?? null };
}

function readHistogram(fields: OtlpFields): OtlpHistogram {
  return {
    ...readPoint(fields),
    count: integerIn(fields, 'count') ?? 0,
    sum: doubleIn(fields, 'sum') ?? null,
    bucketCounts: integersIn(fields, 'bucketCounts'),
    bounds: doublesIn(fields, 'explicitBounds'),
  };
}

function readExponentialHistogram(fields: OtlpFields): OtlpExponentialHistogram {
  return {
    ...readPoint(fields),
    count: integerIn(fields, 'count') ?? 0,
    sum: doubleIn(fields, 'sum') ?? null,
    scale: integerIn(fields, 'scale') ?? 0,
    zeroCount: integerIn(fields, 'zeroCount') ?? 0,
    zeroThreshold: doubleIn(fields, 'zeroThreshold') ?? 0,
    positive: readBuckets(fields, 'positive'),
    negative: readBuckets(fields, 'negative'),
  };
}

function readBuckets(fields: OtlpFields, name: string): OtlpBuckets {
  const buckets = messageIn(fields, name) ?? EMPTY;
  return inside(name, () => {
    const length = listLengthIn(buckets, 'bucketCounts');
    return {
      offset: integerIn(buckets, 'offset') ?? 0,
      length,
      counts: length > MAX_EXPONENTIAL_BUCKETS ? [] : integersIn(buckets, 'bucketCounts'),
    };
  });
}

function readSummary(fields: OtlpFields): OtlpSummary {
  return {
    ...readPoint(fields),
    count: integerIn(fields, 'count') ?? 0,
    sum: doubleIn(fields, 'sum') ?? 0,
    quantiles: messagesIn(fields, 'quantileValues', (each) => ({
      quantile: doubleIn(each, 'quantile') ?? 0,
      value: doubleIn(each, 'value') ?? 0,
    })),
  };
}
