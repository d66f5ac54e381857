import { snappyCompress } from 'hysnappy';
import { EXPORT_REQUEST } from '../../src/receivers/otlp/encoding/otlp-schema.js';
import { firstVersion, secondVersion, WRITE_CONTENT_TYPE, WRITE_TYPE } from './remote-write-messages.js';
import { FRONTEND_TOKEN, INGEST_TOKEN } from './server.js';

const JSON_TYPE = 'application/json';

/** A valid request to a receiver. */
export interface ReceiverRequest {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly token: string;
  /** The body that a client sends. */
  readonly body: Buffer;
}

const IMPACT = JSON.stringify({
  appName: 'shop',
  instanceId: 'a',
  bucket: { start: '2026-01-01T00:00:00Z', stop: '2026-01-01T00:01:00Z', toggles: { flag: { yes: 1, no: 2 } } },
  impactMetrics: [
    { name: 'fuzz_c', help: 'Help', type: 'counter', samples: [{ labels: { appName: 'shop' }, value: 1 }] },
    { name: 'fuzz_g', help: 'Help', type: 'gauge', samples: [{ labels: { a: 'b' }, value: -1.5e3 }] },
    {
      name: 'fuzz_h',
      type: 'histogram',
      samples: [
        {
          labels: {},
          count: 3,
          sum: 4.5,
          buckets: [
            { le: 1, count: 1 },
            { le: '+Inf', count: 3 },
          ],
        },
      ],
    },
  ],
});

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const timeUnixNano = `${Date.now()}000000`;

const OTLP = JSON.stringify({
  resourceMetrics: [
    {
      resource: { attributes: [attribute('service.name', 'shop'), attribute('host.name', 'h')] },
      scopeMetrics: [
        {
          scope: { name: 'lib', version: '1' },
          metrics: [
            {
              name: 'fuzz.sum',
              sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ timeUnixNano, asInt: '3' }] },
            },
            {
              name: 'fuzz.gauge',
              unit: 's',
              gauge: { dataPoints: [{ attributes: [attribute('a', 'b')], asDouble: 1.5 }] },
            },
            {
              name: 'fuzz.histogram',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [{ timeUnixNano, count: '3', sum: 4, bucketCounts: ['1', '2'], explicitBounds: [1] }],
              },
            },
          ],
        },
      ],
    },
  ],
});

const PROTOBUF = Buffer.from(EXPORT_REQUEST.encode(EXPORT_REQUEST.fromObject(JSON.parse(OTLP))).finish());

const WRITTEN = [
  { labels: { __name__: 'fuzz_written_total', a: 'b' }, samples: [[3, Date.now()]] },
  { labels: { __name__: 'fuzz_written_level' }, samples: [[-1.5e3, Date.now()]] },
] as const;

const WRITE_1 = Buffer.from(
  snappyCompress(firstVersion(WRITTEN, [{ name: 'fuzz_written_total', type: WRITE_TYPE.counter, help: 'Help' }])),
);

const WRITE_2 = Buffer.from(
  snappyCompress(secondVersion(WRITTEN.map((each) => ({ ...each, metadata: { type: WRITE_TYPE.unknown } })))),
);

const PAGE = `# HELP fuzz_page Help
# TYPE fuzz_page counter
fuzz_page{a="b\\n",c="d"} 3
# TYPE fuzz_page_h histogram
fuzz_page_h_bucket{le="1"} 1
fuzz_page_h_bucket{le="+Inf"} 2
fuzz_page_h_sum 3
fuzz_page_h_count 2
fuzz_page_free -1.5e3 ${Date.now()}
`;

export const receiverRequest = (
  method: string,
  path: string,
  type: string,
  body: string | Buffer,
  token = INGEST_TOKEN,
): ReceiverRequest => ({
  method,
  path,
  type,
  token,
  body: Buffer.from(body),
});

const BULK = JSON.stringify({ applications: [], metrics: [], impactMetrics: JSON.parse(IMPACT).impactMetrics });

/**
 * One request for each format of each receiver, except the service's own JSON endpoint. receivers-fuzz.e2e-spec.ts checks that no
 * route is missing.
 */
export const RECEIVER_REQUESTS: readonly ReceiverRequest[] = [
  receiverRequest('POST', '/api/client/metrics', JSON_TYPE, IMPACT),
  receiverRequest('POST', '/api/client/metrics/bulk', JSON_TYPE, BULK),
  receiverRequest('POST', '/api/frontend/client/metrics', JSON_TYPE, IMPACT, FRONTEND_TOKEN),
  receiverRequest('POST', '/v1/metrics', JSON_TYPE, OTLP),
  receiverRequest('POST', '/v1/metrics', 'application/x-protobuf', PROTOBUF),
  receiverRequest('POST', '/api/v1/write', WRITE_CONTENT_TYPE['1.0'], WRITE_1),
  receiverRequest('POST', '/api/v1/write', WRITE_CONTENT_TYPE['2.0'], WRITE_2),
  receiverRequest('POST', '/api/push', 'text/plain; version=0.0.4', PAGE),
  receiverRequest('POST', '/api/push', 'application/openmetrics-text', `${PAGE.replace(/ \d{13}$/m, '')}# EOF\n`),
  receiverRequest('PUT', '/metrics/job/fuzz/instance/a', 'text/plain', PAGE),
  receiverRequest('POST', '/metrics/job/fuzz/instance/b', 'text/plain', PAGE),
];
