import type { SeededRandom } from '../support/seeded-random.js';
import { jsonFormat } from './body-format.js';
import type { Json } from './json-mutations.js';

/** Returns a name that is new in most cases, so that attacks also create metrics and series. */
function nameOf(random: SeededRandom, ending = ''): string {
  return `attacked_${random.integer(0, 5_000)}${ending}`;
}

export const customMetrics = jsonFormat((random): Json => {
  const metrics: Json[] = [
    {
      name: nameOf(random, '_total'),
      value: 1,
      labels: { status: '200', method: random.pick(['GET', 'PUT']), id: String(random.integer(0, 1_000)) },
      type: 'counter',
      help: 'Responses',
      unit: 'seconds',
      temporality: 'delta',
      timestamp: Date.now(),
    },
    { name: nameOf(random), value: '17.5', timestamp: new Date().toISOString() },
    { name: nameOf(random), value: -3 },
  ];
  return { metrics };
});

function impactMetrics(random: SeededRandom): Json {
  return [
    {
      name: nameOf(random, '_c'),
      help: 'Purchases',
      type: 'counter',
      samples: [{ labels: { appName: 'shop', environment: 'production' }, value: 1 }],
    },
    { name: nameOf(random, '_g'), help: 'Queue', type: 'gauge', samples: [{ labels: { a: 'b' }, value: -1500 }] },
    {
      name: nameOf(random, '_h'),
      help: 'Latency',
      type: 'histogram',
      samples: [
        {
          labels: { a: 'b' },
          count: 3,
          sum: 4.5,
          buckets: [
            { le: 1, count: 1 },
            { le: '+Inf', count: 3 },
          ],
        },
      ],
    },
  ];
}

const bucket: Json = {
  start: '2026-01-01T00:00:00Z',
  stop: '2026-01-01T00:01:00Z',
  toggles: { flag: { yes: 1, no: 2, variants: { a: 1 } } },
};

export const renameRequest = jsonFormat((random) => ({ to: nameOf(random) }));

export const sdkMetrics = jsonFormat((random) => ({
  appName: 'shop',
  instanceId: 'one',
  environment: 'production',
  bucket,
  impactMetrics: impactMetrics(random),
}));

export const edgeMetrics = jsonFormat((random) => ({
  applications: [{ appName: 'shop', interval: 15, started: '2026-01-01T00:00:00Z', strategies: ['default'] }],
  metrics: [{ featureName: 'flag', appName: 'shop', environment: 'production', timestamp: 1, yes: 1, no: 2 }],
  impactMetrics: impactMetrics(random),
}));

export const registration = jsonFormat(() => ({
  appName: 'shop',
  instanceId: 'one',
  sdkVersion: 'unleash-client-node:6.0.0',
  strategies: ['default'],
  started: '2026-01-01T00:00:00Z',
  interval: 15_000,
}));

export const frontendContext = jsonFormat(() => ({
  context: { userId: '7', appName: 'shop', properties: { region: 'eu' } },
  toggleNames: ['flag'],
}));

export const declaration = jsonFormat((random) => ({
  type: random.pick(['counter', 'gauge', 'histogram']),
  help: 'Declared',
  unit: 'bytes',
}));

export const tokenRequest = jsonFormat((random) => ({
  name: `attacked-${random.integer(0, 100)}`,
  scopes: ['ingest'],
  labels: { team: 'shop' },
  expiresAt: '2027-01-01T00:00:00Z',
}));

const attribute = (key: string, stringValue: string): Json => ({ key, value: { stringValue } });

/** Returns an export in the form of OpenTelemetry's SDKs. */
export function otlpExport(random: SeededRandom): Json {
  const timeUnixNano = `${Date.now()}000000`;
  const startTimeUnixNano = `${Date.now() - 60_000}000000`;
  const attributes = [attribute('route', '/cart'), attribute('id', String(random.integer(0, 500)))];
  return {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', 'shop'), attribute('host.name', 'one')] },
        scopeMetrics: [
          {
            scope: { name: 'library', version: '1' },
            metrics: [
              {
                name: nameOf(random, '.sum'),
                unit: 'By',
                description: 'Bytes',
                sum: {
                  isMonotonic: true,
                  aggregationTemporality: random.pick([1, 2]),
                  dataPoints: [{ attributes, startTimeUnixNano, timeUnixNano, asInt: '3' }],
                },
              },
              { name: nameOf(random, '.gauge'), unit: 's', gauge: { dataPoints: [{ attributes, asDouble: 1.5 }] } },
              {
                name: nameOf(random, '.histogram'),
                histogram: {
                  aggregationTemporality: 2,
                  dataPoints: [
                    {
                      attributes,
                      startTimeUnixNano,
                      timeUnixNano,
                      count: '3',
                      sum: 4,
                      bucketCounts: ['1', '2'],
                      explicitBounds: [1],
                    },
                  ],
                },
              },
              {
                name: nameOf(random, '.exponential'),
                exponentialHistogram: {
                  aggregationTemporality: 1,
                  dataPoints: [
                    {
                      timeUnixNano,
                      count: '3',
                      sum: 4,
                      scale: random.pick([0, 20, -10, 2_147_483_647]),
                      zeroCount: '1',
                      positive: { offset: random.pick([0, -5, 2_147_483_647]), bucketCounts: ['1', '1'] },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  };
}

export const otlpJson = jsonFormat(otlpExport);

export const sparklineRequest = jsonFormat((random) => ({
  metrics: Array.from({ length: random.integer(1, 24) }, () => `stored_${random.integer(0, 25)}`),
  from: random.pick(['-1h', '-90d', '2026-01-01']),
  to: 'now',
  points: random.integer(1, 500),
}));
