import fc from 'fast-check';
import protobuf from 'protobufjs/light.js';
import { propertyRuns } from '../../../../test/support/property-runs.js';
import { request } from '../../../../test/support/random-otlp.js';
import { toEnd } from '../../../../test/support/to-end.js';
import { EXPORT_REQUEST } from './otlp-schema.js';
import { decodeInPieces } from './protobuf-pieces.js';

const inPieces = (bytes: Buffer) => toEnd(decodeInPieces(EXPORT_REQUEST, new protobuf.BufferReader(bytes)));
const atOnce = (bytes: Buffer) => EXPORT_REQUEST.decode(new protobuf.BufferReader(bytes));

/** Returns the message in its JSON form, or undefined if the bytes are refused. */
function attempt(decode: (bytes: Buffer) => object, bytes: Buffer): object | undefined {
  try {
    return EXPORT_REQUEST.toObject(decode(bytes) as protobuf.Message, { longs: String, bytes: String });
  } catch {
    return undefined;
  }
}

type Part = { [name: string]: unknown };

/** Adds a large part to a message, so that it is decoded in pieces. The number selects one of three such parts. */
function enlarge(each: Part, place: number): Part {
  const text = { stringValue: 'x'.repeat(20_000) };
  const attributes = Array.from({ length: 4 }, (_, index) => ({ key: `k${index}`, value: text }));
  const point = { attributes, asDouble: 1 };
  const metric = { name: 'large', gauge: { dataPoints: [point, point, { asInt: '1' }] } };
  const large: Part[] = [
    { resource: { attributes: [{ key: 'list', value: { arrayValue: { values: [text, text, text] } } }] } },
    { scopeMetrics: [{ scope: { name: 'n', attributes }, metrics: [metric, { name: 'small' }, metric] }] },
    {
      scopeMetrics: [
        { metrics: Array.from({ length: 2_000 }, (_, index) => ({ name: `metric_${index}`, unit: 'seconds' })) },
      ],
    },
  ];
  const resources = each.resourceMetrics as Part[];
  return { resourceMetrics: [...resources, large[place % 3], ...resources] };
}

describe('decodeInPieces', () => {
  it('returns what the decoder returns, and refuses what it refuses', () => {
    const damage = fc.option(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(request, fc.nat(2), damage, fc.nat(4), (each, place, changes, cut) => {
        const message = EXPORT_REQUEST.fromObject(enlarge(each as Part, place));
        const once = Buffer.from(EXPORT_REQUEST.encode(message).finish());
        // A message may be sent in parts, whose fields are merged.
        const bytes = Buffer.concat([once, once]);
        for (const [at, byte] of changes ?? []) bytes[at % bytes.length] = byte;
        const given = changes === null ? bytes : bytes.subarray(0, bytes.length - cut);
        expect(attempt(inPieces, given)).toEqual(attempt(atOnce, given));
      }),
      { numRuns: propertyRuns(60) },
    );
  });

  it('merges a message that is sent twice', () => {
    const resource = (key: string) => ({ attributes: [{ key, value: { stringValue: 'x'.repeat(40_000) } }] });
    const resourceMetrics = EXPORT_REQUEST.root.lookupType('ResourceMetrics');
    const parts = ['a', 'b'].map((key) =>
      resourceMetrics.encode(resourceMetrics.fromObject({ resource: resource(key) })).finish(),
    );
    const content = Buffer.concat(parts);
    const bytes = protobuf.Writer.create().uint32(0x0a).bytes(content).finish();
    const decoded = attempt(inPieces, Buffer.from(bytes));
    expect(decoded).toEqual(attempt(atOnce, Buffer.from(bytes)));
    expect(JSON.stringify(decoded)).toContain('"b"');
  });

  it('refuses large messages that are nested too deep', () => {
    let value: Buffer = Buffer.alloc(40_000);
    for (let depth = 0; depth < 2_000; depth++) {
      value = Buffer.from(
        protobuf.Writer.create()
          .uint32(depth % 2 === 0 ? 0x0a : 0x2a)
          .bytes(value)
          .finish(),
      );
    }
    const attribute = protobuf.Writer.create().uint32(0x12).bytes(value).finish();
    const resource = protobuf.Writer.create().uint32(0x0a).bytes(attribute).finish();
    const inRequest = protobuf.Writer.create().uint32(0x0a).bytes(resource).finish();
    const bytes = protobuf.Writer.create().uint32(0x0a).bytes(inRequest).finish();
    expect(() => inPieces(Buffer.from(bytes))).toThrow('max depth exceeded');
  });

  it('yields often', () => {
    let steps = 0;
    for (
      const pieces = decodeInPieces(
        EXPORT_REQUEST,
        new protobuf.BufferReader(Buffer.alloc(1_000_000, Buffer.from([0x0a, 0]))),
      );
      ;
      steps++
    ) {
      if (pieces.next().done === true) break;
    }
    expect(steps).toBeGreaterThan(25);
  });
});
