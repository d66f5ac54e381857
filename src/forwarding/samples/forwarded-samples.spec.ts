import fc from 'fast-check';
import { emptySamples, groupBySeries } from '../../sample-store/archive/grouped-samples.js';
import { type ForwardedSamples, SamplesConversion } from './forwarded-samples.js';
import { Form, type SeriesText } from './series-texts.js';
import { bucketOf, memberOf, TotalsBucket } from './totals-bucket.js';

const T0 = 1_764_000_000_000;

type Sample = readonly [seriesId: number, at: number, value: number];

/** Series by their ids. All others are deleted. */
const TEXTS = new Map<number, SeriesText>(
  [Form.AsPushed, Form.Total, Form.CounterTotal].map((form, index) => [
    index + 1,
    { labels: Uint8Array.of(index + 1), form },
  ]),
);
const [PUSHED, CHANGES, COUNTER, DELETED] = [1, 2, 3, 4];

/** Converts stretches one after another, and keeps the totals in between. */
class Conversions {
  readonly buckets = new Map<number, TotalsBucket>();

  convert(rows: readonly { readonly receivedAt: number; readonly samples: readonly Sample[] }[]): ForwardedSamples {
    const samples = rows.flatMap((row, source) => row.samples.map((sample) => [...sample, source] as const));
    const loose = emptySamples(samples.length);
    for (const [index, [id, at, value, source]] of samples.entries()) {
      loose.seriesIds[index] = id;
      loose.timestamps[index] = at;
      loose.values[index] = value;
      loose.sources[index] = source;
    }
    const steps = new SamplesConversion(
      groupBySeries(loose),
      rows,
      (id) => TEXTS.get(id),
      (id) => this.bucket(id),
    ).convert();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  points(receivedAt: number, samples: readonly Sample[]): Record<number, (readonly [number, number])[]> {
    return pointsOf(this.convert([{ receivedAt, samples }]));
  }

  bucket(id: number): TotalsBucket {
    let bucket = this.buckets.get(bucketOf(id));
    if (bucket === undefined) this.buckets.set(bucketOf(id), (bucket = TotalsBucket.empty()));
    return bucket;
  }
}

function pointsOf({
  texts,
  starts,
  timestamps,
  values,
}: ForwardedSamples): Record<number, (readonly [number, number])[]> {
  return Object.fromEntries(
    texts.map(({ labels }, place) => [
      labels[0]!,
      Array.from({ length: starts[place + 1]! - starts[place]! }, (_, offset) => {
        const index = starts[place]! + offset;
        return [timestamps[index]! - T0, values[index]!] as const;
      }),
    ]),
  );
}

describe('the samples that are forwarded', () => {
  it('are running totals of changes, with a 0 before the first sample of a counter', () => {
    const conversions = new Conversions();
    expect(
      conversions.points(T0, [
        [COUNTER!, T0 + 10, 2],
        [CHANGES!, T0 + 10, -2],
        [PUSHED!, T0 + 10, 7],
        [COUNTER!, T0 + 20, 3],
      ]),
    ).toEqual({
      [PUSHED!]: [[10, 7]],
      [CHANGES!]: [[10, -2]],
      [COUNTER!]: [
        [9, 0],
        [10, 2],
        [20, 5],
      ],
    });
    expect(
      conversions.points(T0, [
        [COUNTER!, T0 + 30, 1],
        [CHANGES!, T0 + 30, 1],
      ]),
    ).toEqual({
      [CHANGES!]: [[30, -1]],
      [COUNTER!]: [[30, 6]],
    });
  });

  it('continue with a total from before the forwarding, without a 0', () => {
    const conversions = new Conversions();
    const bucket = conversions.bucket(COUNTER!);
    bucket.highs[memberOf(COUNTER!)] = 100;
    bucket.lastAts[memberOf(COUNTER!)] = -Infinity;
    expect(conversions.points(T0, [[COUNTER!, T0 + 1, 1]])).toEqual({ [COUNTER!]: [[1, 101]] });
  });

  it('contain late changes in the next total, or in one with the time of arrival', () => {
    const conversions = new Conversions();
    conversions.points(T0, [[COUNTER!, T0 + 100, 1]]);
    expect(
      conversions.points(T0, [
        [COUNTER!, T0 + 50, 2],
        [COUNTER!, T0 + 110, 4],
      ]),
    ).toEqual({ [COUNTER!]: [[110, 7]] });
    expect(conversions.points(T0 + 500, [[COUNTER!, T0 + 60, 8]])).toEqual({ [COUNTER!]: [[500, 15]] });
    // The last sample was in the future, so the arrival is too early for the target.
    expect(conversions.points(T0 + 200, [[COUNTER!, T0 + 70, 16]])).toEqual({ [COUNTER!]: [[501, 31]] });
  });

  it('have one value for each time, which is the last one', () => {
    const samples: Sample[] = [
      [1, 5],
      [2, 6],
      [3, NaN],
    ].flatMap(([value, other]) => [
      [PUSHED!, T0, value!],
      [COUNTER!, T0, other!],
    ]);
    expect(new Conversions().points(T0, samples)).toEqual({
      [PUSHED!]: [[0, 3]],
      [COUNTER!]: [
        [-1, 0],
        [0, NaN],
      ],
    });
  });

  it('keep a total over a stale marker', () => {
    const conversions = new Conversions();
    expect(
      conversions.points(T0, [
        [CHANGES!, T0, 2],
        [CHANGES!, T0 + 1, NaN],
        [CHANGES!, T0 + 2, 3],
      ]),
    ).toEqual({
      [CHANGES!]: [
        [0, 2],
        [1, NaN],
        [2, 5],
      ],
    });
    // A late marker says nothing about the present.
    expect(conversions.points(T0, [[CHANGES!, T0 + 1, NaN]])).toEqual({});
  });

  it('leave out deleted series, and count their samples', () => {
    const { texts, ofDeletedSeries } = new Conversions().convert([
      {
        receivedAt: T0,
        samples: [
          [DELETED!, T0, 1],
          [DELETED!, T0, 2],
        ],
      },
    ]);
    expect([texts.length, ofDeletedSeries]).toEqual([0, 2]);
  });

  const stretches = fc.array(
    fc.record({
      receivedAt: fc.nat(1_000),
      samples: fc.array(fc.tuple(fc.nat(300), fc.nat(1_000)), { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('of a counter never fall and never go back in time, and end with the sum of all changes', () => {
    fc.assert(
      fc.property(stretches, (all) => {
        const conversions = new Conversions();
        const sent: (readonly [number, number])[] = [];
        for (const { receivedAt, samples } of all) {
          const points = conversions.points(
            T0 + receivedAt,
            samples.map(([at, value]) => [COUNTER!, T0 + at, value] as const),
          );
          sent.push(...(points[COUNTER!] ?? []));
        }
        for (let index = 1; index < sent.length; index++) {
          expect(sent[index]![0]).toBeGreaterThan(sent[index - 1]![0]);
          expect(sent[index]![1]).toBeGreaterThanOrEqual(sent[index - 1]![1]);
        }
        const sum = all.flatMap(({ samples }) => samples).reduce((total, [, value]) => total + value, 0);
        expect([sent[0]![1], sent.at(-1)![1]]).toEqual([0, sum]);
      }),
    );
  });

  it('are the same when a stretch is repeated from the totals before it', () => {
    fc.assert(
      fc.property(stretches, (all) => {
        const conversions = new Conversions();
        const rows = all.map(({ receivedAt, samples }) => ({
          receivedAt: T0 + receivedAt,
          samples: samples.map(([at, value], index) => [1 + (index % 3), T0 + at, value] as const),
        }));
        conversions.convert(rows.slice(0, 3));
        const stored = TotalsBucket.unpack(conversions.bucket(1).pack());
        const first = pointsOf(conversions.convert(rows.slice(3)));
        conversions.buckets.set(0, stored);
        expect(pointsOf(conversions.convert(rows.slice(3)))).toEqual(first);
      }),
    );
  });
});
