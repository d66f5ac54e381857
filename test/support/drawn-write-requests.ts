import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import type { WriteVersion } from '../../src/receivers/remote-write/message/write-request.js';

/** The time around which most generated samples are, in milliseconds since the epoch. */
export const NOW = 1_800_000_000_000;

/**
 * Writes one field of a series. `referenceOf` returns the index of a text among the symbols of version 2.0, and adds the text if
 * it is new.
 */
export type Field = (writer: Writer, referenceOf: (text: string) => number) => void;

const text = fc.oneof(
  fc.constantFrom('__name__', 'a_total', 'b', 'job', 'le', '', 'ü', '\n\u0012', 'x'.repeat(200)),
  fc.string({ unit: 'binary', maxLength: 9 }),
);

const timestamp = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: NOW - 900, max: NOW + 900 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1, NOW - 5_000, NOW + 5_000, 2 ** 60) },
);

const value = fc.oneof(fc.double(), fc.constantFrom(0, NaN, Infinity, -Infinity, 1));

const sampleField = fc
  .record({
    value,
    timestamp,
    startedAt: fc.constantFrom(0, 0, NOW - 100, -3),
    isTwice: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ value, timestamp, startedAt, isTwice }): Field => (writer) => {
    writer.uint32(0x12).fork();
    // Encoders leave out a field whose value is 0.
    if (value !== 0) writer.uint32(0x09).double(value);
    if (isTwice === 0) writer.uint32(0x09).double(7);
    writer.uint32(0x10).int64(timestamp);
    if (startedAt !== 0) writer.uint32(0x18).int64(startedAt);
    writer.ldelim();
  });

const otherField = fc.constantFrom(0x1a, 0x22, 0x1a, 0x22, 0x7a).map(
  (tag): Field =>
    (writer) =>
      void writer.uint32(tag).bytes(Uint8Array.of(0x10, 1)),
);

const metadataField = fc
  .tuple(fc.integer({ min: 0, max: 7 }), text, fc.constantFrom('', '', 'bytes'))
  .map(([type, help, unit]): Field => (writer, referenceOf) => {
    const [helpReference, unitReference] = [referenceOf(help), referenceOf(unit)];
    writer.uint32(0x2a).fork().uint32(0x08).uint32(type).uint32(0x18).uint32(helpReference);
    writer.uint32(0x20).uint32(unitReference).ldelim();
  });

const labelsOf = fc.array(fc.tuple(text, text), { maxLength: 4 });

export function labelFields(version: WriteVersion, labels: readonly (readonly [string, string])[]): Field[] {
  if (version === '1.0') {
    return labels.map(([name, text]): Field => (writer) => {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(text).ldelim();
    });
  }
  return [
    (writer, referenceOf) => {
      const references = labels.flat().map(referenceOf);
      writer.uint32(0x0a).fork();
      for (const reference of references) writer.uint32(reference);
      writer.ldelim();
    },
  ];
}

/** Generates encoded requests. Most of their series have the fields in the usual order. */
export const messageOf = (version: WriteVersion) => {
  const further = fc.array(version === '1.0' ? otherField : fc.oneof(otherField, metadataField), { maxLength: 2 });
  const series = fc
    .tuple(labelsOf, fc.array(sampleField, { maxLength: 3 }), further, fc.integer({ min: 0, max: 4 }), fc.nat(1_000))
    .map(([labels, samples, others, mixing, seed]) => {
      const fields = [...labelFields(version, labels), ...samples, ...others];
      return mixing === 0
        ? fields.toSorted((one, other) => order(fields, one, seed) - order(fields, other, seed))
        : fields;
    });
  return fc.array(series, { maxLength: 5 }).map((all) => encode(version, all));
};

const order = (fields: readonly Field[], field: Field, seed: number) => ((fields.indexOf(field) + 1) * (seed + 7)) % 11;

export function encode(version: WriteVersion, all: readonly (readonly Field[])[]): Uint8Array {
  const symbols = [''];
  const referenceOf = (each: string) => {
    const known = symbols.indexOf(each);
    return known < 0 ? symbols.push(each) - 1 : known;
  };
  const writer = Writer.create();
  for (const fields of all) {
    const series = Writer.create();
    for (const field of fields) field(series, referenceOf);
    writer.uint32(version === '1.0' ? 0x0a : 0x2a).bytes(series.finish());
  }
  if (version === '2.0') for (const symbol of symbols) writer.uint32(0x22).string(symbol);
  return writer.finish();
}
