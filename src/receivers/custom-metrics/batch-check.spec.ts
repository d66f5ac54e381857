import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { batch, type Json } from '../../../test/support/random-batches.js';
import { BadDataError } from '../../http/answers/errors.js';
import { checkBatch } from './batch-check.js';
import { MetricSampleDto } from './dto/metric-batch.dto.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';

const RUNS = propertyRuns(1_000);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Converts an item with class-transformer. */
function toDto(item: Record<string, unknown>): MetricSampleDto {
  const dto = plainToInstance(MetricSampleDto, { ...item, labels: undefined });
  // Labels are not transformed, because class-transformer would drop a label named `constructor`.
  dto.labels = Object.hasOwn(item, 'labels') ? (item.labels as MetricSampleDto['labels']) : undefined;
  return dto;
}

/** Checks a batch against the DTO with class-transformer and class-validator alone. */
function contractAccepts(body: unknown): boolean {
  if (!isRecord(body) || !Array.isArray(body.metrics)) return false;
  return body.metrics.every(
    (item) => isRecord(item) && validateSync(toDto(item), { forbidUnknownValues: true }).length === 0,
  );
}

/** Runs a property on many batches, and asserts that both valid and invalid ones were among them. */
function forAll(check: (text: Json, isFit: boolean) => void): void {
  const seen = { fit: 0, unfit: 0 };
  fc.assert(
    fc.property(batch, (text) => {
      const isFit = contractAccepts(JSON.parse(text));
      seen[isFit ? 'fit' : 'unfit']++;
      check(text, isFit);
    }),
    { numRuns: RUNS },
  );
  expect(Math.min(seen.fit, seen.unfit)).toBeGreaterThan(RUNS / 5);
}

describe('checkBatch', () => {
  it('accepts what class-validator accepts, and nothing else', () => {
    forAll((text, isFit) => expect('samples' in checkBatch(JSON.parse(text))).toBe(isFit));
  });

  it('converts values as class-transformer does', () => {
    forAll((text, isFit) => {
      if (!isFit) return;
      const check = checkBatch(JSON.parse(text));
      const samples = 'samples' in check ? check.samples : [];
      const dtos = (JSON.parse(text) as { metrics: Record<string, unknown>[] }).metrics.map(toDto);
      expect(samples.length).toBe(dtos.length);
      dtos.forEach((dto, index) => {
        const { labels, ...rest } = samples[index]!;
        const { name, value, type, temporality, help, unit, timestamp } = dto;
        // The sample has only these properties. Nothing else of the item reaches it, not even through the prototype.
        expect(rest).toStrictEqual({ name, value: value ?? NaN, type, temporality, help, unit, timestamp });
        expect(Object.getPrototypeOf(samples[index])).toBe(Object.prototype);
        expect([samples[index]!.isStale, samples[index]!.histogram]).toEqual([undefined, undefined]);
        expect(Object.entries(labels ?? {})).toEqual(Object.entries(dto.labels ?? {}));
      });
    });
  });

  it('reads null, which JSON writes for NaN, as a value that is not a number', () => {
    const metrics = [
      { name: 'a', value: null },
      { name: 'b', value: 1 },
    ];
    expect(checkBatch({ metrics })).toMatchObject({
      samples: [
        { name: 'a', value: NaN },
        { name: 'b', value: 1 },
      ],
    });
  });

  it('reports the first ten bad items', () => {
    const bad = { name: 'n', value: 'x' };
    const good = { name: 'n', value: 1 };
    const metrics = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? { ...bad } : { ...good }));
    expect(checkBatch({ metrics })).toEqual({ badItems: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18] });
  });
});

describe('MetricBatchPipe', () => {
  const pipe = new MetricBatchPipe();

  function detailsOf(text: Json): BadDataError['details'] {
    try {
      pipe.transform(JSON.parse(text));
    } catch (error) {
      if (error instanceof BadDataError) return error.details;
      throw error;
    }
    return [];
  }

  it('always says where a batch does not fit the schema', () => {
    forAll((text, isFit) => {
      const details = detailsOf(text);
      if (isFit) {
        expect(details).toEqual([]);
      } else {
        expect(details.length).toBeGreaterThan(0);
        // The fallback text, which is used if the two checks ever disagree, does not name an item.
        expect(details.filter(({ message }) => message.endsWith('is invalid.'))).toEqual([]);
        for (const { path } of details) {
          expect(path).toMatch(
            /^\/body(?:\/metrics(?:\/\d+(?:\/(?:name|value|labels|type|temporality|help|unit|timestamp))?)?)?$/,
          );
        }
      }
    });
  });

  it.each([
    ['null', '/body', 'must be object. You sent null.'],
    ['[]', '/body', 'must be object. You sent an array.'],
    ['{}', '/body/metrics', 'is required. It was not present on the data you sent.'],
    ['{"metrics":null}', '/body/metrics', 'must be array. You sent null.'],
    ['{"metrics":[1]}', '/body/metrics/0', 'must be object. You sent 1.'],
    ['{"metrics":[{"value":1}]}', '/body/metrics/0/name', 'is required. It was not present on the data you sent.'],
    ['{"metrics":[{"name":"","value":1}]}', '/body/metrics/0/name', 'should not be empty. You sent "".'],
    ['{"metrics":[{"name":"n","value":"x"}]}', '/body/metrics/0/value', 'must be a finite number. You sent "x".'],
    [
      '{"metrics":[{"name":"n","value":1e400}]}',
      '/body/metrics/0/value',
      'must be a finite number. You sent Infinity.',
    ],
    [
      '{"metrics":[{"name":"n","value":1,"labels":null}]}',
      '/body/metrics/0/labels',
      'must be an object. You sent null.',
    ],
    [
      '{"metrics":[{"name":"n","value":1,"labels":[]}]}',
      '/body/metrics/0/labels',
      'must be an object. You sent an array.',
    ],
    [
      '{"metrics":[{"name":"n","value":1,"labels":{"a":null}}]}',
      '/body/metrics/0/labels',
      'values must be strings, numbers or booleans. You sent an object.',
    ],
    [
      '{"metrics":[{"name":"n","value":1,"timestamp":"now"}]}',
      '/body/metrics/0/timestamp',
      'must be milliseconds since the epoch or ISO 8601. You sent "now".',
    ],
  ])('explains %s', (text, path, rule) => {
    expect(detailsOf(text)).toEqual([{ path, message: `The \`${path}\` property ${rule}` }]);
  });

  it('shows only a part of a long value', () => {
    const [detail] = detailsOf(`{"metrics":[{"name":"n","value":"${'x'.repeat(100_000)}"}]}`);
    expect(detail?.message.length).toBeLessThan(250);
  });

  it('survives 20,000 levels of nesting in any place', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    for (const property of ['name', 'value', 'labels', 'type', 'help', 'timestamp', 'unknown', '__proto__']) {
      const text = `{"metrics":[{"name":"n","value":1,"${property}":${deep}}]}`;
      expect(detailsOf(text)).toHaveLength(property === 'unknown' || property === '__proto__' ? 0 : 1);
    }
    expect(detailsOf(`{"metrics":[{"name":"n","value":1,"labels":{"a":${deep}}}]}`)).toHaveLength(1);
    expect(detailsOf(`{"metrics":${deep}}`)).toHaveLength(1);
  });
});
