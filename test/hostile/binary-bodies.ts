import { Writer } from 'protobufjs/minimal.js';
import { EXPORT_REQUEST } from '../../src/receivers/otlp/encoding/otlp-schema.js';
import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  WRITE_CONTENT_TYPE,
} from '../support/remote-write-messages.js';
import type { SeededRandom } from '../support/seeded-random.js';
import type { BodyFormat } from './body-format.js';
import { otlpExport } from './json-bodies.js';
import { hugeJson, type Json, manyJson, oddJson } from './json-mutations.js';
import { longText, oddText } from './texts.js';

/** Returns nested messages, always in the same field: for example, field 1 of field 1 of field 1, and so on. */
function nestedMessages(random: SeededRandom): Buffer {
  let bytes = Buffer.alloc(0);
  const field = random.pick([1, 2, 5, 6]);
  for (let depth = random.pick([100, 3_000]); depth > 0; depth--) {
    bytes = Buffer.from(
      Writer.create()
        .uint32((field << 3) | 2)
        .bytes(bytes)
        .finish(),
    );
  }
  return bytes;
}

/** Returns a body that consists almost only of the tags of empty messages or of unknown fields. */
function manyTags(random: SeededRandom, bytes: number): Buffer {
  const unit = random.pick([
    [0x0a, 0x00], // field 1, an empty message
    [0x12, 0x00],
    [0x08, 0x01], // field 1, a varint
    [0xfa, 0xff, 0xff, 0xff, 0x0f, 0x00], // the largest field number
    [0x0b, 0x0c], // a group that begins and ends
    [0x0a, 0x02, 0x12, 0x00],
  ]);
  return Buffer.alloc(bytes, Buffer.from(unit));
}

function encodeExport(json: Buffer, otherwise: Json): Buffer {
  try {
    return Buffer.from(
      EXPORT_REQUEST.encode(EXPORT_REQUEST.fromObject(JSON.parse(json.toString()) as object)).finish(),
    );
  } catch {
    // Protobuf has no form for this mutation.
    return Buffer.from(EXPORT_REQUEST.encode(EXPORT_REQUEST.fromObject(otherwise as object)).finish());
  }
}

export const otlpProtobuf: BodyFormat = {
  headers: { 'content-type': 'application/x-protobuf' },
  valid: (random) => encodeExport(Buffer.from('!'), otlpExport(random)),
  huge: (random) => encodeExport(hugeJson(random, otlpExport(random)), otlpExport(random)),
  deep: nestedMessages,
  many: (random) =>
    random.isTrue(0.5)
      ? manyTags(random, random.pick([100_000, 5_000_000]))
      : encodeExport(manyJson(random, otlpExport(random)), otlpExport(random)),
  odd: (random) => encodeExport(oddJson(random, otlpExport(random)), otlpExport(random)),
};

/** Returns a read request of Prometheus. */
function readRequest(matchers: readonly (readonly [type: number, name: string, value: string])[], queries = 1): Buffer {
  const writer = Writer.create();
  for (let index = 0; index < queries; index++) {
    writer.uint32(0x0a).fork();
    writer.uint32(0x08).int64(Date.now() - 3_600_000);
    writer.uint32(0x10).int64(Date.now());
    for (const [type, name, value] of matchers) {
      writer.uint32(0x1a).fork().uint32(0x08).int32(type).uint32(0x12).string(name).uint32(0x1a).string(value).ldelim();
    }
    writer.ldelim();
  }
  return Buffer.from(writer.finish());
}

/** Returns bytes in Snappy's block format without any compression: the length, then one literal. */
function snappyLiteral(bytes: Buffer, announced = bytes.length): Buffer {
  const length = Buffer.from(Writer.create().uint32(announced).finish());
  if (bytes.length === 0) return length;
  const literal = Buffer.alloc(5);
  literal[0] = (62 + 1) << 2; // The length of the literal, minus one, follows in four bytes.
  literal.writeUInt32LE(bytes.length - 1, 1);
  return Buffer.concat([length, literal, bytes]);
}

/**
 * Returns a block that announces a large size and consists of copies, or that has lengths and offsets that point outside of it.
 */
function oddSnappy(random: SeededRandom): Buffer {
  const varint = (value: number) => Buffer.from(Writer.create().uint32(value).finish());
  return random.pick([
    Buffer.from([0x28, 0xfc, 0xfa, 0xff, 0xff, 0xff]),
    Buffer.concat([varint(0xffff_ffff), Buffer.from([0x00, 0x61])]),
    Buffer.concat([varint(100_000_000), Buffer.from([0x00, 0x61]), Buffer.alloc(3_000_000, Buffer.from([0xfe, 1, 0]))]),
    Buffer.concat([varint(64), Buffer.from([0x00, 0x61]), Buffer.alloc(300, Buffer.from([0xfe, 0, 0]))]),
    Buffer.concat([varint(64), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])]),
    snappyLiteral(readRequest([[0, '__name__', 'up']]), 10),
    snappyLiteral(readRequest([[0, '__name__', 'up']]), 10_000_000),
  ]);
}

export const remoteRead: BodyFormat = {
  headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  valid: () => snappyLiteral(readRequest([[2, '__name__', 'stored_.+']])),
  huge: (random) =>
    snappyLiteral(
      readRequest([
        [random.integer(0, 3), random.pick(['__name__', longText(random, 100_000)]), longText(random, 1_000_000)],
      ]),
    ),
  deep: (random) => snappyLiteral(nestedMessages(random)),
  many: (random) =>
    random.isTrue(0.5)
      ? snappyLiteral(manyTags(random, random.pick([50_000, 1_000_000])))
      : snappyLiteral(
          readRequest([[2, 'instance', random.pick(['.*', '(a|b|c)*d', '.*.*.*x'])]], random.pick([10, 5_000])),
        ),
  odd: (random) =>
    random.isTrue(0.5)
      ? oddSnappy(random)
      : snappyLiteral(readRequest([[random.integer(-1, 5), oddText(random), oddText(random)]])),
};

/**
 * Returns labels that are hard to recognise by their bytes: a few series in very many forms, each of which takes memory of its own, or
 * labels that differ only at the end of a long text, at about the length up to which they are remembered.
 */
function manyForms(random: SeededRandom, count: number): Readonly<Record<string, string>>[] {
  const forms = Array.from({ length: count }, (_, index) => index);
  if (random.isTrue(0.5)) {
    const names = Array.from({ length: 8 }, (_, index) => `label_${index}`);
    return forms.map((index) =>
      Object.fromEntries([
        ...random.shuffled(names).map((name) => [name, String(index % 10)] as const),
        // A label without a value does not change the series.
        [`empty_${random.integer(0, 1e9)}`, ''],
      ]),
    );
  }
  const texts = Array.from({ length: 10 }, () => 'x'.repeat(random.integer(185, 200)));
  const shared = Object.fromEntries(texts.map((text, index) => [`label_${index}`, text] as const));
  return forms.slice(0, 2_000).map((index) => ({ ...shared, last: String(index % 100) }));
}

/** Returns a body format of remote write for one version. */
function remoteWriteFormat(
  version: keyof typeof WRITE_CONTENT_TYPE,
  encode: (series: readonly SeriesToWrite[]) => Uint8Array,
): BodyFormat {
  const body = (series: readonly SeriesToWrite[]) => snappyLiteral(Buffer.from(encode(series)));
  const series = (labels: Readonly<Record<string, string>>, count = 1): SeriesToWrite => ({
    labels: { __name__: 'attacked_written_total', ...labels },
    samples: Array.from({ length: count }, (_, index) => [index, Date.now() - index] as const),
  });
  return {
    headers: { 'content-type': WRITE_CONTENT_TYPE[version], 'content-encoding': 'snappy' },
    valid: (random) => body([series({ number: String(random.integer(0, 100)) })]),
    huge: (random) => body([series({ [longText(random, 100_000)]: longText(random, 1_000_000) })]),
    deep: (random) => snappyLiteral(nestedMessages(random)),
    many: (random) => {
      const count = random.pick([1_000, 20_000]);
      return random.pick([
        () => snappyLiteral(manyTags(random, random.pick([100_000, 4_900_000]))),
        () => body([series({}, 2 * count)]),
        () => body(Array.from({ length: count }, (_, index) => series({ index: String(index) }))),
        () => body([series(Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, 'x'])))]),
        () => body(manyForms(random, count).map((labels) => series(labels))),
      ])();
    },
    odd: (random) =>
      random.isTrue(0.5)
        ? oddSnappy(random)
        : body([
            {
              labels: { __name__: oddText(random), [oddText(random)]: oddText(random) },
              samples: [[random.pick([NaN, Infinity, -1, 1e308]), random.pick([0, -1, 1e15, Date.now()])]],
              exemplars: random.integer(0, 2),
              histograms: random.integer(0, 2),
            },
          ]),
  };
}

export const remoteWriteFirst = remoteWriteFormat('1.0', firstVersion);

export const remoteWriteSecond = remoteWriteFormat('2.0', secondVersion);
