import { mapRequest, type OtlpMappingOptions } from './otlp-mapping.js';
import type { OtlpAttribute, OtlpMetric, OtlpPoint, OtlpPoints, OtlpRequest } from '../encoding/otlp-request.js';

const PROMETHEUS: OtlpMappingOptions = {
  translationStrategy: 'UnderscoreEscapingWithSuffixes' as const,
  scopeLabels: false,
  promoteResourceAttributes: [],
  exponentialScale: 2,
};
const POINT: OtlpPoint = { attributes: [], timestamp: 1_000, startedAt: null, hasNoValue: false };

const attributesOf = (values: Record<string, string>): OtlpAttribute[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const metricOf = (points: OtlpPoints, name = 'm', unit = ''): OtlpMetric => ({ name, description: '', unit, points });

function requestOf(metrics: readonly OtlpMetric[], resource: Record<string, string> = {}): OtlpRequest {
  const scope = { name: 'lib', version: '1.2', schemaUrl: '', attributes: attributesOf({ 'a.b': 'c' }), metrics };
  return { resources: [{ attributes: attributesOf(resource), scopes: [scope] }] };
}

function map(request: OtlpRequest, options = PROMETHEUS) {
  const mapped = mapRequest(request, options, {
    maxLabels: 32,
    metricNameMaxLength: 200,
    nameValidation: 'legacy' as const,
    labelValueMaxLength: 1_000,
    histogramMaxBuckets: 500,
  });
  return {
    points: [...mapped.points()].filter((point) => point !== undefined),
    refused: [...mapped.refused],
    isTimed: mapped.isTimed,
  };
}

function samplesOf(request: OtlpRequest, options: Partial<OtlpMappingOptions> = {}) {
  const { points, refused } = map(request, { ...PROMETHEUS, ...options });
  expect(refused).toEqual([]);
  return points.flatMap(({ samples }) => samples);
}

const refusalsOf = (...metrics: OtlpMetric[]) =>
  map(requestOf(metrics)).refused.map(({ count, refusal }) => [count, refusal.message] as const);

const gauge = (value: number | null, more: Partial<OtlpPoint> = {}): OtlpPoints => ({
  kind: 'gauge',
  points: [{ ...POINT, ...more, value }],
});
const sum = (isMonotonic: boolean, temporality: 'delta' | 'cumulative' | null, value = 2): OtlpPoints => ({
  kind: 'sum',
  isMonotonic,
  temporality,
  points: [{ ...POINT, value }],
});

/** Returns the labels of a gauge with these attributes and this resource. */
function labelsOf(
  attributes: Record<string, string>,
  resource: Record<string, string> = {},
  options: Partial<OtlpMappingOptions> = {},
) {
  return samplesOf(requestOf([metricOf(gauge(1, { attributes: attributesOf(attributes) }))], resource), options)[0]!
    .labels;
}

describe('kinds of metrics', () => {
  it('maps a gauge to a gauge with its description, unit and time', () => {
    const metric = { ...metricOf(gauge(1.5), 'temperature', 'Cel'), description: 'How warm it is' };
    expect(samplesOf(requestOf([metric]))).toEqual([
      {
        name: 'temperature_celsius',
        value: 1.5,
        labels: {},
        type: 'gauge',
        help: 'How warm it is',
        unit: 'celsius',
        timestamp: 1_000,
      },
    ]);
  });

  it.each([
    [true, 'delta', { name: 'm_total', type: 'counter', temporality: 'delta' }],
    [true, 'cumulative', { name: 'm_total', type: 'counter', temporality: 'cumulative' }],
    [false, 'delta', { name: 'm', type: 'gauge', temporality: 'delta' }],
    [false, 'cumulative', { name: 'm', type: 'gauge', temporality: undefined }],
  ] as const)('a sum, monotonic %s and %s, is %j', (isMonotonic, temporality, expected) => {
    expect(samplesOf(requestOf([metricOf(sum(isMonotonic, temporality))]))[0]).toMatchObject({ ...expected, value: 2 });
  });

  it('makes the buckets of a histogram cumulative', () => {
    const points = [{ ...POINT, count: 6, sum: 21, bucketCounts: [1, 2, 3], bounds: [5, 10] }];
    const samples = samplesOf(requestOf([metricOf({ kind: 'histogram', temporality: 'delta', points }, 'h', 's')]));
    expect(samples.map(({ name, labels, value, temporality }) => [name, labels?.le, value, temporality])).toEqual([
      ['h_seconds_bucket', '5', 1, 'delta'],
      ['h_seconds_bucket', '10', 3, 'delta'],
      ['h_seconds_bucket', '+Inf', 6, 'delta'],
      ['h_seconds_sum', undefined, 21, 'delta'],
      ['h_seconds_count', undefined, 6, 'delta'],
    ]);
    expect(new Set(samples.map(({ histogram }) => histogram?.name))).toEqual(new Set(['h_seconds']));
  });

  it('accepts a histogram without a sum and without buckets', () => {
    const points = [{ ...POINT, count: 6, sum: null, bucketCounts: [], bounds: [] }];
    const samples = samplesOf(requestOf([metricOf({ kind: 'histogram', temporality: 'cumulative', points }, 'h')]));
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ['h_bucket', 6],
      ['h_count', 6],
    ]);
  });

  it('gives every histogram of a request its own number', () => {
    const point = { ...POINT, count: 0, sum: 0, bucketCounts: [0], bounds: [] };
    const points: OtlpPoints = { kind: 'histogram', temporality: 'delta', points: [point, point] };
    const samples = samplesOf(requestOf([metricOf(gauge(1)), metricOf(points, 'h'), metricOf(points, 'i')]));
    expect(new Set(samples.flatMap(({ histogram }) => histogram?.item ?? [])).size).toBe(4);
  });

  it('maps quantiles to gauges, and leaves out those without a value', () => {
    const quantiles = [
      { quantile: 0.5, value: 2 },
      { quantile: 0.99, value: NaN },
    ];
    const points = [{ ...POINT, count: 3, sum: 9, quantiles }];
    expect(samplesOf(requestOf([metricOf({ kind: 'summary', points }, 'q', 's')]))).toMatchObject([
      { name: 'q_seconds', value: 2, type: 'gauge', labels: { quantile: '0.5' } },
      { name: 'q_seconds_sum', value: 9, type: 'counter', temporality: 'cumulative' },
      { name: 'q_seconds_count', value: 3, type: 'counter', temporality: 'cumulative' },
    ]);
  });

  it('ends a series after a point without a recorded value', () => {
    const request = requestOf([metricOf(gauge(1, { hasNoValue: true }))], { 'service.name': 's', a: 'b' });
    expect(samplesOf(request)).toEqual([
      { name: 'm', labels: { job: 's' }, value: NaN, isStale: true, timestamp: 1_000 },
    ]);
  });

  it('ends all series of a histogram, or none', () => {
    const ended = (bounds: number[]) =>
      samplesOf(
        requestOf([
          metricOf({
            kind: 'histogram',
            temporality: 'delta',
            points: [{ ...POINT, hasNoValue: true, count: 0, sum: null, bucketCounts: [], bounds }],
          }),
        ]),
      ).map(({ name, labels, isStale }) => [name, labels!.le, isStale]);
    expect(ended([1, 2])).toEqual([
      ['m_bucket', '1', true],
      ['m_bucket', '2', true],
      ['m_bucket', '+Inf', true],
      ['m_sum', undefined, true],
      ['m_count', undefined, true],
    ]);
    expect(ended([])).toEqual([]);
  });
});

describe('a data point that is refused', () => {
  it('is refused for too many labels before they are copied to samples', () => {
    const many = attributesOf(Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`a${index}`, 'v'])));
    const request = requestOf([metricOf(gauge(1, { attributes: many })), metricOf(gauge(1), 'other')]);
    const { points, refused } = map(request);
    expect(points).toHaveLength(1);
    expect(refused).toMatchObject([{ count: 1, refusal: { reason: 'too_many_labels' } }]);

    const scope = { name: 'lib', version: '', schemaUrl: '', attributes: many, metrics: [metricOf(gauge(1))] };
    const scoped = map({ resources: [{ attributes: [], scopes: [scope] }] }, { ...PROMETHEUS, scopeLabels: true });
    expect(scoped.refused).toMatchObject([{ count: 1, refusal: { reason: 'too_many_labels' } }]);
  });

  it('is counted together with other points that are refused for the same reason', () => {
    const points = { kind: 'gauge', points: Array.from({ length: 3 }, () => ({ ...POINT, value: null })) } as const;
    expect(map(requestOf([metricOf(points)])).refused).toMatchObject([{ count: 3 }]);
  });

  it('comes with advice, and does not affect other points', () => {
    const { points, refused } = map(requestOf([metricOf(gauge(NaN), 'x'), metricOf(gauge(1))]));
    expect(points).toHaveLength(1);
    expect(refused).toMatchObject([{ count: 1, refusal: { reason: 'data_point_invalid' } }]);
    expect(refused[0]!.refusal.message).toContain('only finite numbers');
  });

  it.each([
    [metricOf(gauge(NaN)), 'only finite numbers'],
    [metricOf(gauge(null)), 'no value'],
    [metricOf(sum(true, null)), 'aggregationTemporality'],
    [metricOf(gauge(1), '日本'), 'Rename it'],
    [
      metricOf({
        kind: 'histogram',
        temporality: 'delta',
        points: [{ ...POINT, count: 1, sum: 1, bucketCounts: [1], bounds: [5] }],
      }),
      '1 bucket counts for 1 bounds',
    ],
    [
      metricOf({
        kind: 'histogram',
        temporality: 'delta',
        points: [{ ...POINT, count: 2, sum: 1, bucketCounts: [1, 0], bounds: [5] }],
      }),
      'a count of 2',
    ],
  ])('%#', (metric, message) => {
    expect(refusalsOf(metric)).toEqual([[1, expect.stringContaining(message)]]);
  });

  it('counts as zero points if its kind is unknown', () => {
    expect(refusalsOf(metricOf({ kind: 'unknown' }))).toEqual([[0, expect.stringContaining('kind')]]);
  });
});

describe('labels', () => {
  it('joins values whose keys become the same name in the order of the keys', () => {
    expect(labelsOf({ a_b: '2', 'a.b': '1', c: '3' })).toEqual({ a_b: '1;2', c: '3' });
  });

  it('derives job and instance from the service, and lets them win over attributes', () => {
    const service = { 'service.namespace': 'shop', 'service.name': 'cart', 'service.instance.id': 'i1' };
    expect(labelsOf({ job: 'mine', instance: 'mine', a: 'b' }, service)).toEqual({
      job: 'shop/cart',
      instance: 'i1',
      a: 'b',
    });
    expect(labelsOf({ job: 'mine' }, { 'service.name': 'cart' })).toEqual({ job: 'cart' });
    expect(labelsOf({ job: 'mine' }, { 'service.namespace': 'shop' })).toEqual({ job: 'mine' });
  });

  it('promotes resource attributes if that is configured, but attributes of the point override them', () => {
    const promoteResourceAttributes = ['host.name', 'cloud.region'];
    const resource = { 'host.name': 'h', 'cloud.region': 'r', 'os.type': 'linux' };
    expect(labelsOf({ 'host.name': 'own' }, resource, { promoteResourceAttributes })).toEqual({
      host_name: 'own',
      cloud_region: 'r',
    });
  });

  it('adds labels for the scope if that is configured', () => {
    expect(labelsOf({ a: 'b' }, {}, { scopeLabels: true })).toEqual({
      a: 'b',
      otel_scope_name: 'lib',
      otel_scope_version: '1.2',
      otel_scope_schema_url: '',
      otel_scope_a_b: 'c',
    });
  });
});

describe('target_info', () => {
  const infoOf = (resource: Record<string, string>) =>
    samplesOf(requestOf([metricOf(gauge(1)), metricOf(gauge(2, { timestamp: 3_000 }), 'n')], resource)).filter(
      ({ name }) => name === 'target_info',
    );

  it('has the other attributes of the resource and the time of its newest point', () => {
    const resource = { 'service.name': 'cart', 'service.instance.id': 'i1', 'host.name': 'h', 'process.pid': '7' };
    expect(infoOf(resource)).toMatchObject([
      {
        value: 1,
        type: 'gauge',
        timestamp: 3_000,
        labels: { job: 'cart', instance: 'i1', host_name: 'h', process_pid: '7' },
      },
    ]);
  });

  it('is omitted for a resource without other attributes, or without a job and an instance', () => {
    expect(infoOf({ 'service.name': 'cart' })).toEqual([]);
    expect(infoOf({ 'host.name': 'h' })).toEqual([]);
  });
});

it('knows whether every point has a time', () => {
  const isTimed = (timestamp: number | null) => map(requestOf([metricOf(gauge(1, { timestamp }))])).isTimed;
  expect(isTimed(1)).toBe(true);
  expect(isTimed(null)).toBe(false);
});
