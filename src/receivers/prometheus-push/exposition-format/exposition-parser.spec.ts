import fc from 'fast-check';
import { toEnd } from '../../../../test/support/to-end.js';
import { parseExposition as parseInSteps } from './exposition-parser.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import { type PushedFormat, PUSHED_TYPES, type PushedFamily, type PushedSample } from './pushed-family.js';

const parseExposition = (...given: Parameters<typeof parseInSteps>) => toEnd(parseInSteps(...given));

type Written = Omit<PushedSample, 'line'>;

const escapeHelp = (text: string, format: PushedFormat) => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'text' ? escaped : escaped.replaceAll('"', '\\"');
};
const escapeValue = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const writeNumber = (value: number) =>
  Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', value > 0 ? '+Inf' : 'Inf');

function writeSample({ name, labels, value, timestamp }: Written, format: PushedFormat): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeValue(text)}"`);
  const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  const time = timestamp === undefined ? '' : ` ${format === 'text' ? timestamp : timestamp / 1000}`;
  return `${name}${braces} ${writeNumber(value)}${time}\n`;
}

const metricName = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/);
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
/** Generates text with many characters that have to be escaped. */
const text = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', '#', ' ', 'ä', '😀', 'x') });
const labels = fc.dictionary(labelName, text, { maxKeys: 4 });
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, NaN, Infinity, -Infinity));
const timestamp = fc.option(fc.integer({ min: 0, max: 2e12 }), { nil: undefined });

/** Generates a family whose samples have the name of the family, as those of gauges and untyped families do. */
const family = (format: PushedFormat) =>
  fc.record({
    type: fc.option(fc.constantFrom(...PUSHED_TYPES[format]), { nil: undefined }),
    // Blanks at the start are not part of a help text.
    help: fc.option(
      text.map((each) => each.trimStart()),
      { nil: undefined },
    ),
    samples: fc.array(fc.record({ labels, value, timestamp }), { maxLength: 4 }),
  });

const exposition = (format: PushedFormat) =>
  fc.dictionary(metricName, family(format), { maxKeys: 5 }).map((families) =>
    Object.entries(families).map(([name, each]) => ({
      name,
      ...each,
      samples: each.samples.map((sample) => ({ ...sample, name })),
    })),
  );

describe.each(['text', 'openmetrics'] as const)('parseExposition of %s', (format) => {
  const parse = (body: string) => parseExposition(format === 'text' ? body : `${body}# EOF\n`, format);

  it('reads every text that follows the rules of the format', () => {
    fc.assert(
      fc.property(exposition(format), (families) => {
        const body = families
          .map(
            ({ name, type, help, samples }) =>
              (help === undefined ? '' : `# HELP ${name} ${escapeHelp(help, format)}\n`) +
              (type === undefined ? '' : `# TYPE ${name} ${type}\n`) +
              samples.map((sample) => writeSample(sample, format)).join(''),
          )
          .join('');
        const read = parse(body);
        const expected = families.filter(
          ({ type, help, samples }) => type !== undefined || help !== undefined || samples.length > 0,
        );
        // A name may look like a part of another family, so the samples are compared regardless of their families.
        const flat = (all: readonly { readonly samples: readonly Written[] }[]) =>
          all
            .flatMap(({ samples }) => samples)
            .map(({ name, labels: given, value: number, timestamp: at }) =>
              JSON.stringify([name, Object.entries(given), writeNumber(number), at]),
            )
            .toSorted();
        const isCreated = ({ name }: { name: string }) => name.endsWith('_created');
        if (!families.some(isCreated)) expect(flat(read)).toEqual(flat(expected));
        const heads = (all: readonly Pick<PushedFamily, 'name' | 'type' | 'help'>[]) =>
          all.map(({ name, type, help }) => JSON.stringify([name, type, help])).toSorted();
        expect(heads(read)).toEqual(heads(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('throws only its own error, whatever the text is', () => {
    const piece = fc.oneof(
      text,
      fc.constantFrom(
        '# TYPE ',
        '# HELP ',
        '# UNIT ',
        'counter',
        'a',
        'a_bucket',
        '{le="1"}',
        ' 1',
        ' NaN',
        '\n',
        '\t',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parse(pieces.join(''));
        } catch (error) {
          if (!(error instanceof ExpositionSyntaxError)) throw error;
          expect(error.message).toMatch(/^Line \d+: .+/s);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['digits', `a ${'1'.repeat(1_000_000)}x\n`],
    ['fraction', `a 0.${'1'.repeat(1_000_000)}x\n`],
    ['blanks', `# HELP ${' '.repeat(1_000_000)}\n`],
    ['backslashes', `a{b="${'\\\\'.repeat(500_000)}\n`],
    ['help', `# HELP a ${'\\\\'.repeat(500_000)}x\\\n`],
    ['comment', `#${' '.repeat(1_000_000)}x\n${'#'.repeat(1_000_000)}\n`],
    ['time', `a 1 ${'1'.repeat(1_000_000)}x\n`],
  ])('reads a million characters of %s only once', (_what, body) => {
    const startedAt = performance.now();
    try {
      parse(body);
    } catch (error) {
      expect(error).toBeInstanceOf(ExpositionSyntaxError);
      // The message echoes only a short part of the text.
      expect((error as Error).message.length).toBeLessThan(300);
    }
    // This takes milliseconds. If the time were quadratic, it would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

describe('parseExposition', () => {
  const text0 = (body: string): PushedFamily[] => parseExposition(body, 'text');
  const faultOf = (body: string, format: PushedFormat = 'text'): string => {
    try {
      parseExposition(body, format);
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };

  it('puts parts of histograms and summaries with their families, wherever they stand', () => {
    const families = text0(
      [
        '# TYPE h histogram',
        'h_bucket{le="1"} 2',
        'other 5',
        'h_bucket{le="+Inf"} 3',
        'h_sum 4',
        'h_count 3',
        '# TYPE s summary',
        's{quantile="0.5"} NaN',
        's_sum 0',
        's_count 0',
        'lone_bucket{le="1"} 1',
        '',
      ].join('\n'),
    );
    expect(families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['h', 'histogram', 4],
      ['other', undefined, 1],
      ['s', 'summary', 3],
      ['lone_bucket', undefined, 1],
    ]);
  });

  it('reads OpenMetrics: suffixes, units, seconds; exemplars and _created are left out', () => {
    const families = parseExposition(
      [
        '# TYPE acme_http_seconds counter',
        '# UNIT acme_http_seconds seconds',
        '# HELP acme_http_seconds Said \\"so\\"',
        'acme_http_seconds_total{path="/"} 1.5 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.7',
        'acme_http_seconds_total{path="/b"} 2 # {trace_id="x"} 0.67',
        'acme_http_seconds_created{path="/"} 1520430000.123',
        '# TYPE build info',
        'build_info{version="1"} 1',
        '# EOF',
        '',
      ].join('\n'),
      'openmetrics',
    );
    expect(families).toMatchObject([
      {
        name: 'acme_http_seconds',
        type: 'counter',
        unit: 'seconds',
        help: 'Said "so"',
        samples: [
          { name: 'acme_http_seconds_total', value: 1.5, timestamp: 1_520_879_607_789, line: 4 },
          { name: 'acme_http_seconds_total', value: 2, timestamp: undefined, line: 5 },
        ],
      },
      { name: 'build', type: 'info', samples: [{ name: 'build_info' }] },
    ]);
  });

  it('is as lenient about blanks as the text format', () => {
    const [family_] = text0('  a  {  b = "c" , d="e" , }\t-1e3\t  42  \n\n\t# anything\n#\n');
    expect(family_!.samples).toMatchObject([{ name: 'a', labels: { b: 'c', d: 'e' }, value: -1000, timestamp: 42 }]);
  });

  it.each([
    ['a 1', 'Line 1: the exposition ends in the middle'],
    ['a 1\n9a 1\n', 'Line 2: a metric name was expected, not 9a 1.'],
    ['a\n', 'Line 1: a has no value.'],
    ['a one\n', 'Line 1: the value of a is not a number: one.'],
    ['a 0x10\n', 'Line 1: the value of a is not a number: 0x10.'],
    ['a 1 2 3\n', 'Line 1: a has extra text after its value and timestamp: 3.'],
    ['a 1 1.5\n', 'Line 1: the timestamp of a must be a whole number of milliseconds since the epoch, not 1.5.'],
    ['a{b="1" 1\n', 'Line 1: , or } was expected after the value of the label b.'],
    ['a{b=1} 1\n', 'Line 1: the value of the label b must be in double quotes.'],
    ['a{b="1} 1\n', 'Line 1: the value of the label b has no closing double quote.'],
    ['a{b="\\t"} 1\n', 'Line 1: the value of the label b has an escape other than \\\\, \\" and \\n.'],
    ['a{b="1",b="2"} 1\n', 'Line 1: the label b appears twice.'],
    ['a{="1"} 1\n', 'Line 1: a label name or } was expected, not ="1"} 1.'],
    ['# TYPE a counter\n# TYPE a counter\n', 'Line 2: a has a second # TYPE.'],
    ['a 1\n# TYPE a counter\n', 'Line 2: # TYPE of a must come before its samples.'],
    ['# TYPE a number\n', 'Line 1: the type of a is number; it must be one of counter, gauge,'],
    ['# HELP a x\n# HELP a y\n', 'Line 2: a has a second # HELP.'],
    ['# HELP a x\\t\n', 'Line 1: # HELP of a has an escape other than \\\\ and \\n.'],
    ['# HELP\n', 'Line 1: # HELP must be followed by the name of a metric, not nothing.'],
    ['# TYPE 1a counter\n', 'Line 1: # TYPE must be followed by the name of a metric, not 1a.'],
    ['a 1\r\n', 'Line 1: the line ends with a carriage return'],
    ['a 1\n\r\n', 'Line 2: the line ends with a carriage return'],
    ['# TYPE a gauge\r\n', 'Line 1: the line ends with a carriage return'],
  ])('says what is wrong with %j', (body, fault) => {
    expect(faultOf(body)).toContain(fault);
  });

  it('reads a carriage return in a help text or a plain comment as an ordinary character', () => {
    expect(text0('# HELP a x\r\n# y\r\na 1\n')).toMatchObject([{ name: 'a', help: 'x\r', samples: [{ value: 1 }] }]);
  });

  it('has a step after each line, so that other work can run during a long exposition', () => {
    const steps = [...parseInSteps('a{b="1"} 1\n# TYPE c gauge\n\n', 'text')];
    expect(steps).toHaveLength(3);
  });

  it('requires # EOF at the end of OpenMetrics', () => {
    expect(faultOf('a 1\n', 'openmetrics')).toContain('Line 2: an OpenMetrics exposition must end with # EOF');
    expect(faultOf('# EOF\na 1\n', 'openmetrics')).toContain('Line 2: there is text after # EOF');
    expect(faultOf('a 1\n# EOF', 'openmetrics')).toBe('none');
    expect(faultOf('# EOF\n')).toBe('none');
  });

  it.each([
    [
      'samples',
      'a 1\n'.repeat(11),
      'Line 11: the exposition has more samples than the limit (INGEST_MAX_SAMPLES), which is 10',
    ],
    ['lines', '#\n'.repeat(1_101), 'Line 1101: the exposition has more than 1100 lines'],
    ['help', `# HELP a ${'\\\\'.repeat(5_001)}\n`, 'Line 1: # HELP of a has more than 10000 characters'],
    ['characters', `a{b="${'x'.repeat(500_000)}"} 1\n`, 'the limit for one line is 500000'],
    [
      'labels',
      `a{${Array.from({ length: 1_001 }, (_, index) => `l${index}=""`).join(',')}} 1\n`,
      'more than 1000 labels',
    ],
  ])('stops at too many %s', (_what, body, message) => {
    expect(() => parseExposition(body, 'text', 10)).toThrow(message);
  });
});
