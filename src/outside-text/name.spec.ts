import fc from 'fast-check';
import {
  NameProblem,
  readLabelName,
  readMetricName,
  sanitizeLabelName,
  sanitizeText,
  sanitizeMetricName,
} from './name.js';

/** Generates any text, including lone surrogates and NUL. */
const text = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0xd800, 0xdfff))).map((codes) => String.fromCharCode(...codes)),
);
const someText = text.filter((each) => each !== '');

describe.each([
  ['sanitizeMetricName', sanitizeMetricName, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/],
  ['sanitizeLabelName', sanitizeLabelName, /^[a-zA-Z_][a-zA-Z0-9_]*$/],
] as const)('%s', (_name, sanitize, legal) => {
  it('turns any text into a legal name', () => {
    fc.assert(
      fc.property(someText, (given) => {
        expect(sanitize(given)).toMatch(legal);
      }),
    );
    expect(sanitize('')).toBe('');
  });

  it('leaves a legal name unchanged', () => {
    fc.assert(
      fc.property(fc.stringMatching(legal), (given) => {
        expect(sanitize(given)).toBe(given);
      }),
    );
  });

  it('leaves its own results unchanged', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(sanitize(sanitize(given))).toBe(sanitize(given));
      }),
    );
  });
});

it.each([
  ['http.requests', 'http_requests', 'http_requests'],
  ['a:b', 'a:b', 'a_b'],
  ['1abc', '_1abc', '_1abc'],
  ['größe', 'gr__e', 'gr__e'],
  ['🚀', '__', '__'],
  ['a 1\nevil 42\n# x', 'a_1_evil_42___x', 'a_1_evil_42___x'],
])('%j becomes the metric name %s and the label name %s', (given, metricName, labelName) => {
  expect(sanitizeMetricName(given)).toBe(metricName);
  expect(sanitizeLabelName(given)).toBe(labelName);
});

describe.each([readMetricName, readLabelName])('%p of UTF-8', (read) => {
  const rules = { metricNameMaxLength: 10, nameValidation: 'utf8' } as const;

  it.each(['a', 'http.x', '1abc', '花火', ' ', '"\n\\{}', '🚀🚀', 'größe'])('keeps %j', (name) => {
    expect(read(name, rules)).toBe(name);
    expect(read(name, { ...rules, nameValidation: 'legacy' }) === name).toBe(name === 'a');
  });

  it.each([
    ['', NameProblem.Empty],
    ['a'.repeat(11), NameProblem.TooLong],
    // This name has fewer characters than the limit, but more bytes.
    ['花火花火', NameProblem.TooLong],
    ['a\ud800', NameProblem.UnusableCharacter],
    ['a\0', NameProblem.UnusableCharacter],
    ['a\ufffd', NameProblem.UnusableCharacter],
  ])('refuses %j', (name, problem) => expect(read(name, rules)).toBe(problem));
});

describe('sanitizeText', () => {
  it('returns a text of the same length that UTF-8 and Postgres can store', () => {
    fc.assert(
      fc.property(text, (given) => {
        const value = sanitizeText(given);
        expect(Buffer.from(value).toString()).toBe(value);
        expect(value).not.toContain('\0');
        expect(value).toHaveLength(given.length);
        expect(sanitizeText(value)).toBe(value);
      }),
    );
  });

  it('leaves a valid text unchanged', () => {
    const good = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'));
    fc.assert(
      fc.property(good, (given) => {
        expect(sanitizeText(given)).toBe(given);
      }),
    );
  });
});
