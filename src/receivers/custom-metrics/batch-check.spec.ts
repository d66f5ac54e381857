import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { BadDataError } from '../../http/answers/errors.js';
import { checkBatch } from './batch-check.js';
import { MetricSampleDto } from './dto/metric-batch.dto.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';

const RUNS = 3_000;

/**
 * The bodies are JSON text, because text can express what is hard to build as a value: a duplicate key, `__proto__` as an
 * ordinary key, or a number that is too large.
 */
type Json = string;

const quoted = (text: string): Json => JSON.stringify(text);
const object = (entries: readonly (readonly [key: string, value: Json])[]): Json =>
  `{${entries.map(([key, value]) => `${quoted(key)}:${value}`).join(',')}}`;
const array = (items: readonly Json[]): Json => `[${items.join(',')}]`;

const anyText = fc.oneof(
  fc.string(),
  // These include lone surrogates and NUL.
  fc.array(fc.nat(0xffff), { maxLength: 4 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('', ' ', 'NaN', 'null', '__proto__'),
);
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom('0', '-0', '1e400', '-1e400', '5e-324', '1E5', '9007199254740993', '1.7976931348623157e308'),
);
const numericString = fc
  .oneof(
    numberText,
    fc.constantFrom(
      ' 7 ',
      '+1',
      '.5',
      '1.',
      '0x10',
      '1_000',
      'NaN',
      '+Inf',
      'Infinity',
      '',
      ' ',
      '1e',
      '.',
      '\n3',
      '-',
      '١',
    ),
  )
  .map(quoted);
const timeText = fc
  .oneof(
    fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    fc.constantFrom(
      '2026-11-24',
      '2026-11-24T12:00',
      '2026-11-24T12:00:00+01:00',
      '2026-11-24T12:00:00.123456789Z',
      '2026-11-24t12:00:00z',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-11-24T25:00:00Z',
      '2026-11-24T12:00:00',
      '2026-11-24 12:00:00',
      '2026-11-24T12:00:00+99:99',
      '24 Nov 2026',
      '1764000000000',
      'now',
      '',
    ),
  )
  .map(quoted);

const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '[]', '{}', '[1]', '[[]]', '{"a":{}}', '[null]'),
  numberText,
  numericString,
  anyText.map(quoted),
);
/** Generates a value that is valid most of the time. */
const mostly = (fitting: fc.Arbitrary<Json>, weight = 12) =>
  fc.oneof({ arbitrary: fitting, weight }, { arbitrary: hostile, weight: 1 });

const key = fc.oneof(anyText, fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString', 'value', 'name', 'le'));
/** Properties of internal samples that an item must not be able to set, with values that would take effect there. */
const internalProperty = fc.constantFrom<[string, Json]>(
  ['isStale', 'true'],
  ['startedAt', '1'],
  ['histogram', 'null'],
  ['histogram', '{"name":"h","item":0}'],
  ['__proto__', '{"isStale":true,"histogram":{"name":"h","item":0}}'],
  ['constructor', '{"prototype":{"isStale":true}}'],
);
const labelValue = mostly(fc.oneof(anyText.map(quoted), numberText, fc.constantFrom('true', 'false')), 20);
const labels = fc.array(fc.tuple(key, labelValue), { maxLength: 4 }).map(object);
const unknownProperty = fc.oneof(fc.tuple(key, hostile), internalProperty);

const item: fc.Arbitrary<Json> = fc
  .record(
    {
      name: mostly(anyText.map((text) => quoted(`n${text}`))),
      value: mostly(fc.oneof(numberText, numericString)),
      labels: mostly(labels),
      type: mostly(fc.constantFrom('"counter"', '"gauge"', 'null')),
      temporality: mostly(fc.constantFrom('"delta"', '"cumulative"', 'null')),
      help: mostly(fc.oneof(anyText.map(quoted), fc.constant('null'))),
      unit: mostly(fc.oneof(anyText.map(quoted), fc.constant('null'))),
      timestamp: mostly(fc.oneof(numberText, timeText, fc.constant('null'))),
    },
    { requiredKeys: [] },
  )
  .chain((properties) =>
    fc.tuple(
      fc.constant(Object.entries<Json>({ name: '"n"', value: '1', ...properties })),
      fc.array(unknownProperty, { maxLength: 2 }),
      // One item in twenty loses one of its properties.
      fc.nat(20 * 8),
    ),
  )
  .map(([known, unknown, left]) => object([...unknown, ...known.filter((_, index) => index !== left)]));

const batch: fc.Arbitrary<Json> = mostly(
  fc
    .tuple(
      mostly(fc.array(mostly(item, 40), { maxLength: 3 }).map(array), 40),
      fc.array(unknownProperty, { maxLength: 1 }),
    )
    .map(([metrics, unknown]) => object([...unknown, ['metrics', metrics]])),
  40,
);

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
        // The sample has these properties only: nothing else of the item reaches it, not even through the prototype.
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
