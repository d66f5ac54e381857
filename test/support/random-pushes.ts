import fc from 'fast-check';

/** An item that a generator has created. */
export interface PushedItem {
  readonly name: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | boolean>>;
  readonly type?: string;
  readonly temporality?: string;
  readonly help?: string;
  readonly unit?: string;
}

/** Generates letters and any other code units. Without the letters, most names would become the same underscores. */
const codeUnit = fc.oneof(fc.integer({ min: 97, max: 122 }), fc.nat(0x7f), fc.nat(0xffff));
const codeUnits = fc.array(codeUnit, { minLength: 1, maxLength: 6 }).map((codes) => String.fromCharCode(...codes));
const syntax = fc.string({
  unit: fc.constantFrom('\\', '"', '\n', '{', '}', '=', ',', ' ', '#', 'a', '1'),
  minLength: 1,
});

/** Generates names that belong to the same family in OpenMetrics, or that look like parts of another family. */
const related = fc
  .tuple(
    fc.constantFrom('x', 'x_total', 'y_seconds', 'process_open', 'up'),
    fc.constantFrom('', '_total', '_created', '_count', '_sum', '_bucket', '_info', '_total_total', '_bytes_total'),
  )
  .map(([stem, suffix]) => stem + suffix);
const oddName = fc.oneof(
  codeUnits,
  syntax,
  fc.constantFrom(' ', '0', '1abc', ':', 'a:b', 'http.requests', 'größe', '🚀', '_total', '__proto__', 'constructor'),
  fc.constantFrom('x{a="b"}', 'a 1\ninjected 42\n# x', '# EOF', '# HELP x y', 'NaN', '\0', '\ud800', 'le'),
  fc.constantFrom(
    'up',
    'scrape_duration_seconds',
    'process_cpu_seconds',
    'custom_metrics_series',
    'nodejs_gc_duration_seconds_sum',
  ),
  fc.constantFrom('l'.repeat(199), 'l'.repeat(200), 'l'.repeat(201)),
);
const labelName = fc.oneof(
  codeUnits.map((text) => `l${text}`),
  syntax,
  fc.constantFrom('a', 'le', 'quantile', 'job', 'instance', 'a-b', 'a_b', 'größe', '1a', 'a:b', 'constructor'),
  fc.constantFrom('', '__name__', '__proto__', 'a="1"} 1\nevil{b', 'l'.repeat(200), 'l'.repeat(201)),
);
const labelValue = fc.oneof(
  codeUnits,
  syntax,
  fc.constantFrom<string | number | boolean>(
    '',
    ' ',
    '\\',
    '\\n',
    '"',
    '\0',
    '\ud83d',
    '🚀',
    'x"} 1\nevil 1\n#',
    1.5,
    true,
  ),
  fc.constantFrom('v'.repeat(1_000), 'v'.repeat(1_001)),
);
const labels = fc
  .array(fc.tuple(labelName, labelValue), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries));
/** Generates numbers whose sum is exact in any order. */
const quarter = fc.integer({ min: -4, max: 4_000_000 }).map((quarters) => quarters / 4);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const commentText = fc.option(
  fc.oneof(syntax, codeUnits, fc.constantFrom('seconds', 'bytes', 'total', 'h'.repeat(1_000), 'a\0b', '\r\n')),
  { freq: 4, nil: undefined },
);

const anyItem: fc.Arbitrary<PushedItem> = fc.oneof(
  fc.record({ name: oddName, value: quarter, labels, help: commentText, unit: commentText }),
  fc.record({
    name: related,
    value: quarter,
    labels: fc.oneof(fc.constant({}), labels),
    type: fc.constantFrom('counter', 'gauge', undefined, undefined),
    temporality: fc.constantFrom('delta', 'cumulative', undefined, undefined, undefined),
    help: commentText,
    unit: commentText,
  }),
  fc.record({ name: codeUnits.map((text) => `gauge ${text} of doubles`), value: double, labels }),
);

/** Bounds that may be pushed before a metric is declared a histogram, but that no bucket can have afterwards. */
const ODD_BOUNDS = ['0x10', 'NaN', ' ', ' 1', '1_000', 'Infinity', 'one', '1e', '+', 'x"'];
const BOUNDS = ['0.5', '1', '1e3', '-1', '.25', '5.', '+2'];
const observation = (histogram: string, infinity: string | undefined, otherBounds: readonly string[]) =>
  fc
    .tuple(
      fc.subarray([...BOUNDS, ...otherBounds]),
      fc.constantFrom<Record<string, string>>({}, { a: '\\"\n' }, { a: '🚀', b: 'x' }),
      fc.nat(10).map((count) => count / 4),
    )
    .map(([bounds, labels, value]): PushedItem[] => [
      ...[...bounds, ...(infinity === undefined ? [] : [infinity])].map((le) => ({
        name: `${histogram}_bucket`,
        value,
        labels: { ...labels, le },
      })),
      { name: `${histogram}_sum`, value, labels },
      { name: `${histogram}_count`, value, labels },
    ]);
const histogramItems = fc.oneof(
  observation('h_declared', '+Inf', ODD_BOUNDS),
  observation('h_without_infinity', undefined, ODD_BOUNDS),
  observation('h_late', 'inf', [...ODD_BOUNDS, '']),
  fc.constant<PushedItem[]>([
    { name: 'h_late_sum', value: 1, labels: { le: 'one' } },
    { name: 'h_late_count', value: 1, labels: { le: '5' } },
    { name: 'h_late_bucket', value: 1, labels: {} },
  ]),
);
/** Generates the items of one request. */
export const randomBatch = fc
  .tuple(fc.array(anyItem, { minLength: 30, maxLength: 60 }), histogramItems)
  .map(([items, more]) => [...items, ...more]);
