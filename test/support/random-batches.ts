import fc from 'fast-check';

/**
 * The bodies are JSON text, because text can express what is hard to build as a value: a duplicate key, `__proto__` as an
 * ordinary key, or a number that is too large.
 */
export type Json = string;

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
/** Properties of internal samples that an item must not be able to set, with values that would have an effect. */
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

/** Generates bodies of pushes. About half of them fit the schema. */
export const batch: fc.Arbitrary<Json> = mostly(
  fc
    .tuple(
      mostly(fc.array(mostly(item, 40), { maxLength: 3 }).map(array), 40),
      fc.array(unknownProperty, { maxLength: 1 }),
    )
    .map(([metrics, unknown]) => object([...unknown, ['metrics', metrics]])),
  40,
);
