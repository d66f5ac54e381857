import { RE2JS } from 're2js';
import type { MatchOperator } from '../ast.js';
import { compileMatcher, literalAlternatives, MAX_REGEX_SIZE, regexProblem } from './matcher.js';

function matches(operator: MatchOperator, value: string, text: string): boolean {
  return compileMatcher({ label: 'job', operator, value }).matches(text);
}

/**
 * Returns the CPU time in milliseconds that this process has used since a measurement. Elapsed time would grow on a busy machine.
 */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  return process.cpuUsage(before).user / 1_000;
}

describe('compileMatcher', () => {
  it.each([
    ['=', 'api', 'api', true],
    ['=', 'api', 'ap', false],
    ['!=', 'api', 'web', true],
    ['!=', 'api', 'api', false],
    ['=~', 'a.*i', 'api', true],
    ['=~', 'a.i', 'xapi', false],
    ['=~', 'a.i', 'apix', false],
    ['!~', 'a.*i', 'api', false],
    ['=~', 'a|b', 'b', true],
    ['=~', 'a|b', 'ab', false],
    ['=~', '(?i)API', 'api', true],
    ['=~', 'a.b', 'a\nb', true],
    ['=~', 'web.*', 'web\n1', true],
    ['=~', '.+', '\n', true],
    ['=~', '.*', '', true],
    ['=~', '10\\.0\\.0\\.1|10\\.0\\.0\\.2', '10.0.0.2', true],
    ['=~', '10\\.0\\.0\\.1', '10x0x0x1', false],
    ['=~', '', '', true],
    ['=~', 'a|', '', true],
    ['=~', '(a|b)', 'b', true],
    ['=~', '(?:a|b)', 'c', false],
    ['=~', '\\d+', '123', true],
  ] as const)('%s %j on %j: %s', (operator, value, text, expected) => {
    expect(matches(operator, value, text)).toBe(expected);
  });

  it.each([
    ['=', '', true],
    ['=', 'a', false],
    ['!=', 'a', true],
    ['=~', '.*', true],
    ['=~', '.+', false],
    ['!~', '.+', true],
    ['=~', 'a|', true],
  ] as const)('tells whether %s %j matches series without the label: %s', (operator, value, expected) => {
    expect(compileMatcher({ label: 'job', operator, value }).matchesEmpty).toBe(expected);
  });

  it.each([
    ['=', 'a*', 'a*'],
    ['!=', 'a', ''],
    ['!~', 'a.*', ''],
    ['=~', 'ab', 'ab'],
    ['=~', 'ab.*', 'ab'],
    ['=~', 'ab[0-9]+', 'ab'],
    ['=~', 'ab(c)', 'ab'],
    ['=~', 'ab*', 'a'],
    ['=~', 'ab{2}', 'a'],
    ['=~', 'a😀?', 'a'],
    ['=~', 'a\\.b', 'a'],
    ['=~', 'ab|c', ''],
    ['=~', '(?i)ab', ''],
    ['=~', 'ab(?i)*', 'a'],
    ['=~', 'ab\\Q\\E?', 'a'],
    ['=~', '', ''],
  ] as const)('tells with which text the values of %s %j begin: %j', (operator, value, prefix) => {
    expect(compileMatcher({ label: 'job', operator, value }).prefix).toBe(prefix);
  });

  it('gives the same results without the engine as with it', () => {
    const patterns = [
      'a',
      'a|b',
      '(a|b)',
      '(?:a|b|)',
      'a.*',
      '.*',
      '.+',
      'a\\.b',
      'a\\|b',
      'a\\.*',
      '|',
      '',
      'ä|😀',
      '()',
      'ab*',
      'ab+',
      'ab?',
      'ab{2}',
      'ab{0,1}c?',
      'a[b]',
      'a(b)',
      'a(b|)',
      'ab|a.',
      'a$',
      'a^b',
      'a\\Q*',
      'a{',
      '😀😀*',
      'a(?i)B',
      'ab(?i)*',
      'ab(?s)(?i){0}',
      'ab\\Q\\E?',
    ];
    const texts = [
      '',
      'a',
      'b',
      'ab',
      'a.b',
      'a|b',
      'axb',
      'a\\',
      '\n',
      'a\n',
      'ä',
      '😀',
      'a..',
      '()',
      'abb',
      'aB',
      'ac',
      'a*',
      'a{',
      '😀😀',
    ];
    for (const pattern of patterns) {
      const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
      for (const text of texts) {
        expect([pattern, text, matches('=~', pattern, text)]).toEqual([pattern, text, regex.matches(text)]);
      }
    }
  });
});

describe('literalAlternatives', () => {
  it('returns the values only for a list of literals', () => {
    expect(literalAlternatives('(web|a\\.b)')).toEqual(new Set(['web', 'a.b']));
    expect(literalAlternatives('web|a.b')).toBeNull();
    expect(literalAlternatives('(?i)web')).toBeNull();
  });
});

describe('regexProblem', () => {
  it.each([
    ['(a', 'error parsing regexp: missing closing ): `(a`'],
    ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a)|(b', 'error parsing regexp: unexpected ): `a)|(b`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(?s)', null],
    ['a.*', null],
  ])('of %j is %j', (pattern, problem) => {
    expect(regexProblem(pattern)).toBe(problem);
  });

  it('refuses an expression that takes seconds to compile, without compiling it', () => {
    const before = process.cpuUsage();
    expect(regexProblem('a{1000}'.repeat(1000))).toMatch(
      `regular expression too large: about 1001000 states, the limit is ${MAX_REGEX_SIZE}`,
    );
    expect(cpuMsSince(before)).toBeLessThan(500);
  });

  it.each([
    `[a-c]{${MAX_REGEX_SIZE / 2 - 1}}`,
    '.?'.repeat(MAX_REGEX_SIZE / 2),
    Array.from({ length: MAX_REGEX_SIZE / 10 }, (_, index) => `.*host${index}`).join('|'),
  ])('accepts an expression just below the limit, quickly: %.30s', (pattern) => {
    const before = process.cpuUsage();
    expect(regexProblem(pattern)).toBeNull();
    // Compiling takes about ten milliseconds on an idle machine.
    expect(cpuMsSince(before)).toBeLessThan(1_000);
  });

  it('accepts a list of any length', () => {
    expect(regexProblem(Array.from({ length: 10_000 }, (_, index) => `host-${index}`).join('|'))).toBeNull();
  });
});
