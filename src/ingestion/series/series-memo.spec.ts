import fc from 'fast-check';
import { Metric } from '../../catalog/series/series.js';
import { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';
import type { Sender } from '../sender.js';
import { memoKeyOf, memoPrefixOf, SeriesMemo } from './series-memo.js';

const metric = new Metric(1, 'm', 'gauge', new Date(0), null, null, null);
const seriesOf = (id: number) => new Series(id, id, metric, '', null, null, new Date(0));

const PLAIN: Sender = { tokenId: 1, labels: {}, defaultTemporality: null };
const senders: readonly Sender[] = [
  PLAIN,
  { tokenId: 2, labels: { team: 'a' }, defaultTemporality: null },
  { tokenId: 22, labels: {}, defaultTemporality: 'cumulative' },
];

/** Only a few characters are used, so that different items with equal keys would be found. */
const shortText = (...characters: string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 4 });

function samplesOf(text: fc.Arbitrary<string>): fc.Arbitrary<IncomingSample> {
  const labelValue = fc.oneof(text, fc.constantFrom(0, 1, 2, true));
  return fc
    .tuple(text, fc.array(fc.tuple(text, labelValue), { maxLength: 3 }), fc.boolean())
    .map(([name, labels, hasLabels]) =>
      hasLabels ? { name, value: 1, labels: Object.fromEntries(labels) } : { name, value: 1 },
    );
}

const ordinary = samplesOf(shortText('0', '1', '2', 'a'));

/**
 * Generates items from the same texts, joined in different ways. For example, `a`, `b`, `c` become the name `a` with the label
 * `b` and its value `c`, or the name `a NUL b NUL c` without labels.
 */
const alike = fc
  .array(shortText('0', '1', 'a'), { minLength: 1, maxLength: 7 })
  .chain((texts) =>
    fc.array(fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }).map((joins) => partedAt(texts, joins))),
  );

function partedAt(texts: readonly string[], joins: readonly boolean[]): IncomingSample {
  const parts: string[] = [];
  texts.forEach((text, index) => {
    if (index > 0 && joins[index]) parts.push(`${parts.pop()}\0${text}`);
    else parts.push(text);
  });
  const labels: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) labels[parts[index] ?? ''] = parts[index + 1] ?? '';
  return { name: parts[0] ?? '', value: 1, labels };
}

const sender = fc.constantFrom(...senders);

/** Returns an unambiguous form of an item. The key of the memo has to be unambiguous as well. */
function meaningOf(sender: Sender, { name, labels }: IncomingSample): string {
  const entries = Object.entries(labels ?? {}).map(([label, value]) => [label, String(value)]);
  return JSON.stringify([senders.indexOf(sender), name, entries]);
}

const keyOf = (sender: Sender, sample: IncomingSample) => memoKeyOf(memoPrefixOf(sender), sample);

/** Returns a memo whose generations have room for a number of the shortest items. */
const memoOf = (items: number) => new SeriesMemo(items * 126);

function remember(memo: SeriesMemo, id: number): void {
  const sample = { name: `n${id}`, value: 1 };
  memo.remember(keyOf(PLAIN, sample), sample, seriesOf(id));
}

function find(memo: SeriesMemo, id: number): number | undefined {
  return memo.find(keyOf(PLAIN, { name: `n${id}`, value: 1 }))?.id;
}

describe('memoKeyOf', () => {
  it('is the same for the same sender, name and labels, and for no others', () => {
    fc.assert(
      fc.property(sender, ordinary, sender, ordinary, (oneSender, one, otherSender, other) => {
        const isSame = meaningOf(oneSender, one) === meaningOf(otherSender, other);
        expect(keyOf(oneSender, one) === keyOf(otherSender, other)).toBe(isSame);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('SeriesMemo', () => {
  it('never finds the series of another item, whatever was remembered before', () => {
    fc.assert(
      fc.property(fc.tuple(alike, alike), fc.array(ordinary), sender, (alikes, others, owner) => {
        const samples = [...alikes.flat(), ...others];
        const memo = memoOf(1_000);
        const meanings = new Map<Series, string>();
        samples.forEach((sample, index) => {
          const series = seriesOf(index);
          meanings.set(series, meaningOf(owner, sample));
          memo.remember(keyOf(owner, sample), sample, series);
        });
        for (const asker of senders) {
          for (const sample of samples) {
            const found = memo.find(keyOf(asker, sample));
            if (found !== undefined) expect(meanings.get(found)).toBe(meaningOf(asker, sample));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds what it remembers', () => {
    const memo = memoOf(10);
    for (let id = 0; id < 10; id++) remember(memo, id);
    for (let id = 0; id < 10; id++) expect(find(memo, id)).toBe(id);
    expect(find(memo, 10)).toBeUndefined();
  });

  it('does not remember an item with a NUL of its own', () => {
    const memo = memoOf(10);
    const samples: readonly IncomingSample[] = [
      { name: 'a\0b', value: 1 },
      { name: 'a', value: 1, labels: { 'b\0': 1 } },
      { name: 'a', value: 1, labels: { b: '\0' } },
    ];
    for (const sample of samples) {
      memo.remember(keyOf(PLAIN, sample), sample, seriesOf(1));
      expect(memo.find(keyOf(PLAIN, sample))).toBeUndefined();
    }
  });

  it('forgets items that were not found during two generations, and keeps the others', () => {
    const memo = memoOf(10);
    remember(memo, 0);
    remember(memo, 1);
    for (let id = 2; id < 100; id++) {
      remember(memo, id);
      expect(find(memo, 0)).toBe(0);
    }
    expect(find(memo, 1)).toBeUndefined();
    const held = Array.from({ length: 100 }, (_, id) => find(memo, id)).filter((id) => id !== undefined);
    expect(held.length).toBeLessThanOrEqual(20);
  });

  it('forgets everything when the generation of the catalog changes', () => {
    const memo = memoOf(2);
    for (let id = 0; id < 4; id++) remember(memo, id);
    memo.keepOnlyFor(1);
    for (let id = 0; id < 4; id++) expect(find(memo, id)).toBeUndefined();
  });

  it('does not remember an item with a long name, label name or label value', () => {
    const memo = memoOf(1_000);
    const long = 'x'.repeat(3_000);
    const samples: readonly IncomingSample[] = [
      { name: long, value: 1 },
      { name: 'a', value: 1, labels: { [long]: '' } },
      { name: 'a', value: 1, labels: { b: long } },
    ];
    for (const sample of samples) {
      expect(keyOf(PLAIN, sample)).toBeUndefined();
      memo.remember(keyOf(PLAIN, sample), sample, seriesOf(1));
    }
    expect(memo.bytes).toBe(0);
  });

  it('stays within its limit of bytes, however the labels of a series are written', () => {
    const generationBytes = 100_000;
    const memo = new SeriesMemo(generationBytes);
    for (let round = 0; round < 2_000; round++) {
      // The labels have different names each time, their values are empty, and their characters take two bytes.
      const names = Array.from({ length: 10 }, (_, index) => `${(index * 7 + round) % 10}温度${round}`);
      const sample = { name: 'one', value: 1, labels: Object.fromEntries(names.map((name) => [name, ''])) };
      memo.remember(keyOf(PLAIN, sample), sample, seriesOf(1));
      expect(memo.bytes).toBeLessThanOrEqual(2 * generationBytes);
    }
    expect(memo.bytes).toBeGreaterThan(generationBytes);
  });
});
