import fc from 'fast-check';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const count = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('NaN', 'Infinity', '-Infinity'),
);
const text = fc.string({ unit: 'binary' });

const { anyValue } = fc.letrec((tie) => ({
  anyValue: fc.oneof(
    { depthSize: 'small' },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: double }),
    fc.record({ bytesValue: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64')) }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: text, value: tie('anyValue') }), { maxLength: 3 }),
      }),
    }),
  ),
}));

const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 3 });
const common = { attributes, timeUnixNano: count, flags: fc.nat(3) };
const numberPoint = fc.oneof(
  fc.record({ ...common, asDouble: double }),
  fc.record({ ...common, asInt: int64 }),
  fc.record(common),
);
const histogramPoint = fc.record(
  { ...common, count, sum: double, bucketCounts: fc.array(count), explicitBounds: fc.array(double) },
  { requiredKeys: ['attributes', 'count'] },
);
const buckets = fc.record({
  offset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  bucketCounts: fc.array(count, { maxLength: 5 }),
});
const exponentialPoint = fc.record(
  {
    ...common,
    count,
    sum: double,
    scale: fc.integer({ min: -12, max: 22 }),
    zeroCount: count,
    zeroThreshold: double,
    positive: buckets,
    negative: buckets,
  },
  { requiredKeys: ['attributes', 'count'] },
);
const summaryPoint = fc.record({
  ...common,
  count,
  sum: double,
  quantileValues: fc.array(fc.record({ quantile: double, value: double })),
});
const listOf = <T>(point: fc.Arbitrary<T>) => fc.array(point, { maxLength: 3 });
const aggregationTemporality = fc.nat(2);
const kind = fc.oneof(
  fc.record({ gauge: fc.record({ dataPoints: listOf(numberPoint) }) }),
  fc.record({
    sum: fc.record({ dataPoints: listOf(numberPoint), aggregationTemporality, isMonotonic: fc.boolean() }),
  }),
  fc.record({ histogram: fc.record({ dataPoints: listOf(histogramPoint), aggregationTemporality }) }),
  fc.record({
    exponentialHistogram: fc.record({ dataPoints: listOf(exponentialPoint), aggregationTemporality }),
  }),
  fc.record({ summary: fc.record({ dataPoints: listOf(summaryPoint) }) }),
);
const metric = fc.tuple(fc.record({ name: text, description: text, unit: text }), kind).map(([about, points]) => ({
  ...about,
  ...points,
}));
const scopeMetrics = fc.record({
  scope: fc.record({ name: text, version: text, attributes }),
  schemaUrl: text,
  metrics: fc.array(metric, { maxLength: 3 }),
});
/** Generates metrics exports in their JSON form, with every kind of point and attribute. */
export const request = fc.record({
  resourceMetrics: fc.array(
    fc.record({ resource: fc.record({ attributes }), scopeMetrics: fc.array(scopeMetrics, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
});
