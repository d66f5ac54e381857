import { snappyCompress } from 'hysnappy';
import { Writer } from 'protobufjs/minimal.js';
import { WRITE_CONTENT_TYPE } from './remote-write-messages.js';
import { receiverRequest, type ReceiverRequest } from './receiver-requests.js';

const JSON_TYPE = 'application/json';

const list = (count: number, each: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join();
const otlp = (metric: string, scope = '{}') =>
  `{"resourceMetrics":[{"scopeMetrics":[{"scope":${scope},"metrics":[${metric}]}]}]}`;
const keys = (count: number) => list(count, (index) => `{"key":"k${index}","value":{"stringValue":"v"}}`);

/** Bodies of a few megabytes in which two lists multiply each other if a receiver expands them without a limit. */
export const PRODUCTS: readonly (readonly [title: string, request: ReceiverRequest])[] = [
  [
    'labels by buckets in OTLP',
    receiverRequest(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"1","attributes":[${keys(40_000)}],` +
          `"count":1,"bucketCounts":[${list(200_001, () => '0')}],"explicitBounds":[${list(200_000, String)}]}]}}`,
      ),
    ),
  ],
  [
    'labels by quantiles in OTLP',
    receiverRequest(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","summary":{"dataPoints":[{"attributes":[${keys(40_000)}],` +
          `"quantileValues":[${list(60_000, (index) => `{"quantile":${index / 1e6},"value":1}`)}]}]}}`,
      ),
    ),
  ],
  [
    'labels of a scope by points',
    receiverRequest(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","gauge":{"dataPoints":[${list(50_000, () => '{"asInt":1}')}]}}`,
        `{"name":"s","attributes":[${keys(40_000)}]}`,
      ),
    ),
  ],
  [
    'labels of a group by lines',
    receiverRequest(
      'PUT',
      `/metrics/job/x${Array.from({ length: 1_500 }, (_, index) => `/l${index}/v`).join('')}`,
      'text/plain',
      Array.from({ length: 300_000 }, (_, index) => `a${index} 1\n`).join(''),
    ),
  ],
  [
    'labels by buckets in impact metrics',
    receiverRequest(
      'POST',
      '/api/client/metrics',
      JSON_TYPE,
      `{"appName":"a","impactMetrics":[{"name":"x","type":"histogram","samples":[{"labels":{${list(100_000, (index) => `"k${index}":"v"`)}},` +
        `"count":1,"sum":1,"buckets":[${list(9_000, (index) => `{"le":${index},"count":0}`)}]}]}]}`,
    ),
  ],
];

const TINY_BYTES = 100_000;
/** Data points of OpenTelemetry take longer to map than others, and take no more memory. */
const TINY_POINTS_BYTES = 20_000;

const repeated = (unit: string | readonly number[], size = TINY_BYTES): Buffer => {
  const bytes = Buffer.from(unit as string);
  return Buffer.alloc(size - (size % bytes.length), bytes);
};

/** Wraps a message into a field of another one. */
const inside = (field: number, message: Buffer): Buffer =>
  Buffer.from(
    Writer.create()
      .uint32((field << 3) | 2)
      .bytes(message)
      .finish(),
  );

const points = `{"name":"x","gauge":{"dataPoints":[${repeated('{},', TINY_POINTS_BYTES).toString()}{}]}}`;
const pointsInProtobuf = [5, 2, 2, 1].reduce(
  (message, field) => inside(field, message),
  repeated([0x0a, 0], TINY_POINTS_BYTES),
);

/** Bodies of up to a hundred kilobytes that consist of the smallest objects of their format, each of which takes hundreds of bytes in memory. */
export const TINY_OBJECTS: readonly ReceiverRequest[] = [
  receiverRequest(
    'POST',
    '/api/v1/write',
    WRITE_CONTENT_TYPE['1.0'],
    Buffer.from(snappyCompress(repeated([0x0a, 2, 0x12, 0]))),
  ),
  receiverRequest(
    'POST',
    '/api/v1/write',
    WRITE_CONTENT_TYPE['2.0'],
    Buffer.from(snappyCompress(repeated([0x2a, 2, 0x12, 0]))),
  ),
  receiverRequest('POST', '/v1/metrics', 'application/x-protobuf', pointsInProtobuf),
  receiverRequest('POST', '/v1/metrics', JSON_TYPE, otlp(points)),
  receiverRequest('POST', '/api/push', 'text/plain', repeated('a 1\n')),
  receiverRequest('PUT', '/metrics/job/tiny', 'text/plain', repeated('a 1\n')),
  receiverRequest('POST', '/api/client/metrics/custom', JSON_TYPE, `{"metrics":[${repeated('{},').toString()}{}]}`),
  receiverRequest(
    'POST',
    '/api/client/metrics',
    JSON_TYPE,
    `{"appName":"a","impactMetrics":[${repeated('{},').toString()}{}]}`,
  ),
];
