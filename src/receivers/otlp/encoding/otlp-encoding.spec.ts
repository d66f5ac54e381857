import fc from 'fast-check';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { request } from '../../../../test/support/random-otlp.js';
import { toEnd } from '../../../../test/support/to-end.js';
import { decodeRequest as decodeInSteps, encodingOf, type OtlpEncoding } from './otlp-encoding.js';
import { MalformedOtlpError } from '../mapping/otlp-fields.js';
import { EXPORT_REQUEST } from './otlp-schema.js';

const decodeRequest = (body: Buffer, encoding: OtlpEncoding) => toEnd(decodeInSteps(body, encoding));

const asJson = (request: unknown) => Buffer.from(JSON.stringify(request));
const asProtobuf = (request: object) => Buffer.from(EXPORT_REQUEST.encode(EXPORT_REQUEST.fromObject(request)).finish());

/** Builds a request with one gauge and one data point. */
const withPoint = (point: unknown) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'g', gauge: { dataPoints: [point] } }] }] }],
});

/** Returns the decoded data point of a gauge. */
function pointOf(point: unknown) {
  const { points } = decodeRequest(asJson(withPoint(point)), 'json').resources[0]!.scopes[0]!.metrics[0]!;
  if (points.kind !== 'gauge') throw new Error(points.kind);
  return points.points[0]!;
}

const valueOf = (value: unknown) => pointOf({ attributes: [{ key: 'k', value }] }).attributes[0]!.value;

function problemWith(body: unknown): string {
  try {
    decodeRequest(asJson(body), 'json');
  } catch (error) {
    if (error instanceof MalformedOtlpError) return error.message;
    throw error;
  }
  throw new Error('The body was read without an error.');
}

describe('decodeRequest', () => {
  it('decodes protobuf and JSON to the same request', () => {
    fc.assert(
      fc.property(request, (each) => {
        expect(decodeRequest(asProtobuf(each), 'protobuf')).toEqual(decodeRequest(asJson(each), 'json'));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('reads or refuses any bytes and any damaged request', () => {
    const damaged = fc
      .tuple(request, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat())
      .map(([each, changes, length]) => {
        const bytes = asProtobuf(each);
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes.subarray(0, bytes.length - (length % 5));
      });
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      damaged,
    );
    fc.assert(
      fc.property(body, fc.constantFrom('protobuf' as const, 'json' as const), (bytes, encoding) => {
        try {
          decodeRequest(bytes, encoding);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('reads or refuses any JSON', () => {
    const wrong = fc.tuple(request, fc.jsonValue(), fc.nat()).map(([each, value, at]) => {
      let left = at % 40;
      return JSON.parse(JSON.stringify(each), (_key, old: unknown) => (left-- === 0 ? value : old)) as unknown;
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), wrong), (each) => {
        try {
          decodeRequest(asJson(each), 'json');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it.each(['protobuf', 'json'] as const)(
    'does not read the counts of too many exponential buckets in %s',
    (encoding) => {
      const positive = { offset: 0, bucketCounts: Array.from({ length: 10_001 }, () => '1') };
      const exponentialHistogram = { dataPoints: [{ positive }] };
      const each = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ exponentialHistogram }] }] }] };
      const { points } = decodeRequest((encoding === 'json' ? asJson : asProtobuf)(each), encoding).resources[0]!
        .scopes[0]!.metrics[0]!;
      if (points.kind !== 'exponential histogram') throw new Error(points.kind);
      expect(points.points[0]!.positive).toEqual({ offset: 0, length: 10_001, counts: [] });
    },
  );

  it('counts the elements of a packed list as fields', () => {
    const positive = { bucketCounts: Array.from({ length: 800_001 }, () => 1) };
    const exponentialHistogram = { dataPoints: [{ positive }] };
    const each = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ exponentialHistogram }] }] }] };
    expect(() => decodeRequest(asProtobuf(each), 'protobuf')).toThrow('more than 800000 fields');
  });

  it('reads an empty protobuf body as an empty request', () => {
    expect(decodeRequest(Buffer.alloc(0), 'protobuf')).toEqual({ resources: [] });
  });

  it('distinguishes a sum of zero from a missing sum', () => {
    const sumOf = (point: object) => {
      const each = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [point] } }] }] }] };
      const { points } = decodeRequest(asProtobuf(each), 'protobuf').resources[0]!.scopes[0]!.metrics[0]!;
      return points.kind === 'histogram' ? points.points[0]!.sum : undefined;
    };
    expect(sumOf({ sum: 0 })).toBe(0);
    expect(sumOf({})).toBeNull();
  });

  it.each([
    [{ stringValue: 'a' }, 'a'],
    [{ stringValue: '' }, ''],
    [{ boolValue: false }, 'false'],
    [{ intValue: '9223372036854775807' }, '9223372036854775807'],
    [{ intValue: 5 }, '5'],
    [{ doubleValue: 0.5 }, '0.5'],
    [{ doubleValue: 'NaN' }, 'NaN'],
    [{ bytesValue: 'AQI=' }, 'AQI='],
    [{}, ''],
    [null, ''],
    [{ arrayValue: {} }, '[]'],
    [
      { arrayValue: { values: [{ stringValue: 'a"b' }, { intValue: '1' }, {}, { arrayValue: { values: [{}] } }] } },
      '["a\\"b",1,null,[null]]',
    ],
    [
      {
        kvlistValue: {
          values: [
            { key: 'b', value: { boolValue: true } },
            { key: 'a', value: { doubleValue: '-Infinity' } },
            { key: 'c' },
          ],
        },
      },
      '{"a":"-Infinity","b":true,"c":null}',
    ],
  ])('writes the attribute value %j as %s', (value, expected) => {
    expect(valueOf(value)).toBe(expected);
  });

  it.each([
    ['1700000000001000000', 1_700_000_000_001],
    ['1700000000001999999', 1_700_000_000_001],
    // As a JavaScript number, this time is inexact by 64 ns.
    [1_700_000_000_001_000_000, 1_700_000_000_001],
    ['0', null],
    [undefined, null],
  ])('reads the time %s as %s ms', (timeUnixNano, expected) => {
    expect(pointOf({ timeUnixNano }).timestamp).toBe(expected);
  });

  it('accepts numbers as 64-bit integers, text as doubles, names as enums, and null as missing', () => {
    expect(pointOf({ asInt: 7 }).value).toBe(7);
    expect(pointOf({ asDouble: '1.5e3' }).value).toBe(1500);
    expect(pointOf({ asDouble: null, asInt: null }).value).toBeNull();
    const sum = { dataPoints: null, aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA', isMonotonic: true };
    const named = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 's', sum }] }] }] };
    expect(decodeRequest(asJson(named), 'json').resources[0]!.scopes[0]!.metrics[0]!.points).toEqual({
      kind: 'sum',
      points: [],
      temporality: 'delta',
      isMonotonic: true,
    });
  });

  it.each([
    [[], 'The request is not an object.'],
    [{ resourceMetrics: {} }, 'resourceMetrics is not a list.'],
    [withPoint({ asInt: '1.5' }), 'asInt is not an integer.'],
    [withPoint({ asDouble: 'much' }), 'asDouble is not a number.'],
    [withPoint(5), 'is not an object.'],
    [withPoint({ attributes: [{ key: 'a' }, { key: 5 }] }), 'attributes[1].key is not a string.'],
    [
      withPoint({ attributes: [{ key: 'a', value: { boolValue: 1 } }] }),
      'attributes[0].value.boolValue is not a boolean.',
    ],
  ])('says what is wrong with %j and where', (body, problem) => {
    expect(problemWith(body)).toContain(problem);
    if (problem.includes('Metrics') || problem.startsWith('The')) return;
    expect(problemWith(body)).toContain('resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0]');
  });

  it('limits the nesting of lists in both encodings', () => {
    const nestedJson = (levels: number) => {
      const deep = '{"arrayValue":{"values":['.repeat(levels) + '{}' + ']}}'.repeat(levels);
      const body = JSON.stringify(withPoint({ attributes: [{ key: 'k', value: 0 }] }));
      return Buffer.from(body.replace(':0}', `:${deep}}`));
    };
    expect(() => decodeRequest(nestedJson(500), 'json')).toThrow('32 levels');
    expect(() => decodeRequest(nestedJson(20_000), 'json')).toThrow('nested more than 64 deep');
    // Each level adds a tag and a length, from the innermost to the outermost.
    let bytes = Buffer.alloc(0);
    for (let level = 0; level < 300; level++) {
      const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
      bytes = Buffer.concat([Buffer.from([0x0a, ...length]), bytes]);
    }
    expect(() => decodeRequest(bytes, 'protobuf')).toThrow(MalformedOtlpError);
  });
});

describe('a body of many empty messages', () => {
  it.each(['protobuf', 'json'] as const)('is refused in %s', (encoding) => {
    const bodies = {
      // These are the tag of resourceMetrics and the length 0.
      protobuf: (count: number) => Buffer.from('0a00'.repeat(count), 'hex'),
      json: (count: number) => asJson({ resourceMetrics: Array.from({ length: count }, () => ({})) }),
    };
    expect(() => decodeRequest(bodies[encoding](1_000_001), encoding)).toThrow(/; send/);
    expect(decodeRequest(bodies[encoding](1_000), encoding).resources).toHaveLength(1_000);
  });
});

describe('encodingOf', () => {
  it.each([
    ['application/x-protobuf', 'protobuf'],
    ['Application/JSON; charset=utf-8', 'json'],
    ['text/plain', undefined],
    [undefined, undefined],
  ])('%s is %s', (contentType, expected) => {
    expect(encodingOf(contentType)).toBe(expected);
  });
});

describe('a body with too many messages', () => {
  const emptyPoints = (count: number) => {
    const request = {
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'g', gauge: { dataPoints: Array.from({ length: count }, () => ({})) } }] },
          ],
        },
      ],
    };
    return asProtobuf(request);
  };

  it('is refused before its messages fill the memory', () => {
    expect(() => decodeRequest(emptyPoints(500_000), 'protobuf')).toThrow(
      'has more than 500000 messages; send fewer data points at once',
    );
  });

  it('is not confused with a body of many strings, as exporters send them', () => {
    const attributes = Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: { stringValue: 'v' } }));
    const dataPoints = Array.from({ length: 7_000 }, () => ({ attributes, asDouble: 1 }));
    const body = asProtobuf({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'g', gauge: { dataPoints } }] }] }],
    });
    const { points } = decodeRequest(body, 'protobuf').resources[0]!.scopes[0]!.metrics[0]!;
    expect(points).toMatchObject({ kind: 'gauge', points: { length: 7_000 } });
  });
});
