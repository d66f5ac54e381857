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
