import fc from 'fast-check';
import { encode, type Field, labelFields, messageOf, NOW } from '../../../../test/support/drawn-write-requests.js';
import type { Series } from '../../../catalog/series/series.js';
import { RecognisedSeries } from '../../../ingestion/recognition/recognised-series.js';
import { LabelRecognition } from '../label-recognition.js';
import { decodeWriteRequest } from './decode-write-request.js';
import { MalformedWriteError, type WriteRequest, type WriteVersion } from './write-request.js';

const TIMES = { oldest: NOW - 1_000, newest: NOW + 1_000 };

/** A catalog that has one series for each list of labels, which is enough for these tests. */
class FakeCatalog {
  generation = 0;
  private readonly series = new Map<string, Series>();

  resolve(labels: readonly string[]): Series {
    const key = JSON.stringify(labels);
    const kind = key.includes('_total') ? 'cumulative' : 'gauge';
    const found = this.series.get(key) ?? ({ key, kind, isRemoved: false } as unknown as Series);
    this.series.set(key, found);
    return found;
  }
}

/** One sender with its cache. */
class Sender {
  readonly catalog = new FakeCatalog();
  private readonly recognised = new RecognisedSeries({ ingest: { cacheMemoryBytes: 1_000_000 } });

  decode(bytes: Uint8Array, version: WriteVersion, group = 'one'): WriteRequest {
    const recognition = new LabelRecognition(this.recognised, version, group, () => this.catalog.generation, TIMES);
    const steps = decodeWriteRequest(Buffer.from(bytes), version, recognition);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** Decodes a request and remembers its series, as if all samples had been accepted. */
  send(bytes: Uint8Array, version: WriteVersion): void {
    const request = this.decode(bytes, version);
    for (const { labels, start, end } of request.series) {
      request.known.remember(start, end, this.catalog.resolve(labels));
    }
  }

  /** Returns the samples of a request, whether their series are known or not. */
  samplesOf({ series, known, histograms, exemplars }: WriteRequest) {
    const samples = series.flatMap(({ labels, samples }) =>
      samples.map(({ value, timestamp, startedAt }) =>
        textOf(this.catalog.resolve(labels), value, timestamp, startedAt),
      ),
    );
    for (const part of known.samples.parts(3)) {
      part.series.forEach((each, index) => {
        samples.push(textOf(each, part.values[index]!, part.timestamps[index]!, part.startedAt?.[index] ?? 0));
      });
    }
    return { samples: samples.toSorted(), histograms, exemplars };
  }
}

const textOf = (series: Series, ...numbers: number[]) => `${JSON.stringify(series)} ${numbers.join(' ')}`;

const seriesOf = (version: WriteVersion, labels: Readonly<Record<string, string>>, ...further: Field[]) =>
  encode(version, [[...labelFields(version, Object.entries(labels)), ...further]]);

const sample =
  (value: number, timestamp = NOW): Field =>
  (writer) =>
    void writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(timestamp).ldelim();

describe.each(['1.0', '2.0'] as const)('the recognition of series of version %s', (version) => {
  it('finds a series by its labels when it comes with other samples', () => {
    const sender = new Sender();
    const labels = { __name__: 'a_total', job: 'shop' };
    sender.send(seriesOf(version, labels, sample(1)), version);
    const again = seriesOf(version, labels, sample(2, NOW + 1), sample(NaN, NOW + 2));
    const request = sender.decode(again, version);
    expect(request.series).toEqual([]);
    expect(Array.from(request.known.samples.parts(10))).toEqual([
      {
        series: [sender.catalog.resolve(Object.entries(labels).flat()), expect.anything()],
        values: Float64Array.of(2, NaN),
        timestamps: Float64Array.of(NOW + 1, NOW + 2),
        startedAt: null,
      },
    ]);
  });

  it.each<[string, (sender: Sender) => WriteRequest]>([
    ['of another sender', (sender) => sender.decode(seriesOf(version, { a: 'b' }, sample(1)), version, 'two')],
    ['with another label', (sender) => sender.decode(seriesOf(version, { a: 'c' }, sample(1)), version)],
    ['with a further label', (sender) => sender.decode(seriesOf(version, { a: 'b', c: 'd' }, sample(1)), version)],
    ['with fewer labels', (sender) => sender.decode(seriesOf(version, {}, sample(1)), version)],
    [
      'whose sample is too old',
      (sender) => sender.decode(seriesOf(version, { a: 'b' }, sample(1, NOW - 2_000)), version),
    ],
    [
      'whose sample is too new',
      (sender) => sender.decode(seriesOf(version, { a: 'b' }, sample(1, NOW + 2_000)), version),
    ],
    [
      'after a change of the catalog',
      (sender) => {
        sender.catalog.generation++;
        return sender.decode(seriesOf(version, { a: 'b' }, sample(1)), version);
      },
    ],
    [
      'that has labels after its samples',
      (sender) => {
        const further = labelFields(version, [['c', 'd']]);
        return sender.decode(seriesOf(version, { a: 'b' }, sample(1), ...further), version);
      },
    ],
  ])('leaves a series %s to the usual path', (_case, decode) => {
    const sender = new Sender();
    sender.send(seriesOf(version, { a: 'b' }, sample(1)), version);
    const request = decode(sender);
    expect([request.known.samples.length, request.series.length]).toEqual([0, 1]);
  });

  it('leaves an infinite value of a counter to the usual path, and takes that of a gauge', () => {
    const sender = new Sender();
    for (const name of ['a_total', 'a']) sender.send(seriesOf(version, { __name__: name }, sample(1)), version);
    const counts = ['a_total', 'a'].map((name) => {
      const { known, series } = sender.decode(seriesOf(version, { __name__: name }, sample(-Infinity)), version);
      return [known.samples.length, series.length];
    });
    expect(counts).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('does not remember a removed series', () => {
    const sender = new Sender();
    const bytes = seriesOf(version, { a: 'b' }, sample(1));
    Object.assign(sender.catalog.resolve(['a', 'b']), { isRemoved: true });
    sender.send(bytes, version);
    expect(sender.decode(bytes, version).series).toHaveLength(1);
  });

  it('gives the samples that decoding everything gives, whatever was sent before', () => {
    let known = 0;
    fc.assert(
      fc.property(fc.array(messageOf(version), { minLength: 2, maxLength: 4 }), (messages) => {
        const sender = new Sender();
        for (const message of messages) {
          const expected = sender.samplesOf(sender.decode(message, version, 'nobody'));
          for (let times = 0; times < 2; times++) {
            const request = sender.decode(message, version);
            known += request.known.samples.length;
            expect(sender.samplesOf(request)).toEqual(expected);
            sender.send(message, version);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(known).toBeGreaterThan(500);
  });

  it('gives the samples that decoding everything gives for damaged messages', () => {
    const damage = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) });
    fc.assert(
      fc.property(messageOf(version), fc.array(damage, { minLength: 1, maxLength: 3 }), (message, damages) => {
        const sender = new Sender();
        sender.send(message, version);
        const damaged = Uint8Array.from(message);
        for (const { at, byte } of damages) damaged[Math.floor(at * damaged.length)] = byte;
        const expected = samplesOrError(sender, damaged, version, 'nobody');
        // A text that only describes a known series is not decoded, so it may be malformed.
        if (expected !== undefined) expect(samplesOrError(sender, damaged, version, 'one')).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

function samplesOrError(sender: Sender, bytes: Uint8Array, version: WriteVersion, group: string) {
  try {
    return sender.samplesOf(sender.decode(bytes, version, group));
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedWriteError);
    return undefined;
  }
}

it('distinguishes series of version 2.0 that declare different things', () => {
  const sender = new Sender();
  const metadata =
    (type: number, help: string, unit = ''): Field =>
    (writer, referenceOf) => {
      const [helpReference, unitReference] = [referenceOf(help), referenceOf(unit)];
      writer.uint32(0x2a).fork().uint32(0x08).uint32(type).uint32(0x18).uint32(helpReference);
      writer.uint32(0x20).uint32(unitReference).ldelim();
    };
  const isKnown = (...further: Field[]) =>
    sender.decode(seriesOf('2.0', { a: 'b' }, sample(1), ...further), '2.0').series.length === 0;
  sender.send(seriesOf('2.0', { a: 'b' }, sample(1), metadata(1, 'Help')), '2.0');
  expect([
    isKnown(metadata(1, 'Help')),
    isKnown(metadata(1, 'Another help')),
    isKnown(metadata(1, '')),
    isKnown(metadata(2, 'Help')),
    isKnown(metadata(1, 'Help', 'bytes')),
    isKnown(),
  ]).toEqual([true, true, false, false, false, false]);
});
