import protobuf from 'protobufjs/light.js';

type Fields = Record<string, protobuf.IField>;

const field = (id: number, type: string): protobuf.IField => ({ id, type });
const list = (id: number, type: string): protobuf.IField => ({ id, type, rule: 'repeated' });

/** The fields that have the same numbers in data points of all kinds. */
const TIME: Fields = { startTimeUnixNano: field(2, 'fixed64'), timeUnixNano: field(3, 'fixed64') };

/**
 * The messages of a metrics export. Only the fields that are read are listed. All others, such as exemplars, are skipped like
 * unknown fields. Sources:
 * opentelemetry/proto/{collector/metrics/v1/metrics_service,metrics/v1/metrics,common/v1/common,resource/v1/resource}.proto and
 * google/rpc/status.proto. Field numbers never change.
 */
const MESSAGES: Record<string, Fields> = {
  ExportMetricsServiceRequest: { resourceMetrics: list(1, 'ResourceMetrics') },
  ResourceMetrics: { resource: field(1, 'Resource'), scopeMetrics: list(2, 'ScopeMetrics') },
  Resource: { attributes: list(1, 'KeyValue') },
  ScopeMetrics: {
    scope: field(1, 'InstrumentationScope'),
    metrics: list(2, 'Metric'),
    schemaUrl: field(3, 'string'),
  },
  InstrumentationScope: {
    name: field(1, 'string'),
    version: field(2, 'string'),
    attributes: list(3, 'KeyValue'),
  },
  Metric: {
    name: field(1, 'string'),
    description: field(2, 'string'),
    unit: field(3, 'string'),
    gauge: field(5, 'Gauge'),
    sum: field(7, 'Sum'),
    histogram: field(9, 'Histogram'),
    exponentialHistogram: field(10, 'ExponentialHistogram'),
    summary: field(11, 'Summary'),
  },
  Gauge: { dataPoints: list(1, 'NumberDataPoint') },
  Sum: {
    dataPoints: list(1, 'NumberDataPoint'),
    aggregationTemporality: field(2, 'int32'),
    isMonotonic: field(3, 'bool'),
  },
  Histogram: { dataPoints: list(1, 'HistogramDataPoint'), aggregationTemporality: field(2, 'int32') },
  ExponentialHistogram: {
    dataPoints: list(1, 'ExponentialHistogramDataPoint'),
    aggregationTemporality: field(2, 'int32'),
  },
  Summary: { dataPoints: list(1, 'SummaryDataPoint') },
  NumberDataPoint: {
    ...TIME,
    attributes: list(7, 'KeyValue'),
    asDouble: field(4, 'double'),
    asInt: field(6, 'sfixed64'),
    flags: field(8, 'uint32'),
  },
  HistogramDataPoint: {
    ...TIME,
    attributes: list(9, 'KeyValue'),
    count: field(4, 'fixed64'),
    sum: field(5, 'double'),
    bucketCounts: list(6, 'fixed64'),
    explicitBounds: list(7, 'double'),
    flags: field(10, 'uint32'),
  },
  ExponentialHistogramDataPoint: {
    ...TIME,
    attributes: list(1, 'KeyValue'),
    count: field(4, 'fixed64'),
    sum: field(5, 'double'),
    scale: field(6, 'sint32'),
    zeroCount: field(7, 'fixed64'),
    positive: field(8, 'Buckets'),
    negative: field(9, 'Buckets'),
    flags: field(10, 'uint32'),
    zeroThreshold: field(14, 'double'),
  },
  Buckets: { offset: field(1, 'sint32'), bucketCounts: list(2, 'uint64') },
  SummaryDataPoint: {
    ...TIME,
    attributes: list(7, 'KeyValue'),
    count: field(4, 'fixed64'),
    sum: field(5, 'double'),
    quantileValues: list(6, 'ValueAtQuantile'),
    flags: field(8, 'uint32'),
  },
  ValueAtQuantile: { quantile: field(1, 'double'), value: field(2, 'double') },
  KeyValue: { key: field(1, 'string'), value: field(2, 'AnyValue') },
  AnyValue: {
    stringValue: field(1, 'string'),
    boolValue: field(2, 'bool'),
    intValue: field(3, 'int64'),
    doubleValue: field(4, 'double'),
    arrayValue: field(5, 'ArrayValue'),
    kvlistValue: field(6, 'KeyValueList'),
    bytesValue: field(7, 'bytes'),
  },
  ArrayValue: { values: list(1, 'AnyValue') },
  KeyValueList: { values: list(1, 'KeyValue') },
  ExportMetricsServiceResponse: { partialSuccess: field(1, 'ExportMetricsPartialSuccess') },
  ExportMetricsPartialSuccess: { rejectedDataPoints: field(1, 'int64'), errorMessage: field(2, 'string') },
  Status: { code: field(1, 'int32'), message: field(2, 'string') },
};

/**
 * The fields whose absence does not mean their default value, such as 0 or an empty string. Only in a oneof does protobuf
 * distinguish the two.
 */
const ONEOFS: Record<string, protobuf.IType['oneofs']> = {
  NumberDataPoint: { value: { oneof: ['asDouble', 'asInt'] } },
  HistogramDataPoint: { optionalSum: { oneof: ['sum'] } },
  ExponentialHistogramDataPoint: { optionalSum: { oneof: ['sum'] } },
  AnyValue: {
    value: {
      oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
    },
  },
};

/** The schema with its edition, which makes invalid UTF-8 an error. The types of protobufjs do not declare this property. */
const SCHEMA: protobuf.INamespace & { readonly edition: string } = {
  edition: 'proto3',
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, { fields, oneofs: ONEOFS[name] }]),
  ),
};

const root = protobuf.Root.fromJSON(SCHEMA).resolveAll();

export const EXPORT_REQUEST = root.lookupType('ExportMetricsServiceRequest');
export const EXPORT_RESPONSE = root.lookupType('ExportMetricsServiceResponse');
export const STATUS = root.lookupType('Status');
