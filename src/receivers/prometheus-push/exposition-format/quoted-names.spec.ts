import { toEnd } from '../../../../test/support/to-end.js';
import { parseExposition } from './exposition-parser.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';

describe('names in quotes', () => {
  it.each(['text', 'openmetrics'] as const)('are read in %s', (format) => {
    const lines = [
      String.raw`# TYPE "my.metric \"x\"" gauge`,
      '# HELP "my.metric \\"x\\"" What it is',
      String.raw`{"my.metric \"x\"","label.name"="a",plain="b",} 1`,
      String.raw`{ "my.metric \"x\"" } 2`,
      'legal{"label\\nname"="c"} 3',
    ];
    const [first, second] = toEnd(
      parseExposition(`${lines.join('\n')}\n${format === 'text' ? '' : '# EOF\n'}`, format),
    );
    expect(first).toMatchObject({ name: 'my.metric "x"', type: 'gauge', help: 'What it is' });
    expect(first!.samples.map(({ labels: each, value }) => [{ ...each }, value])).toEqual([
      [{ 'label.name': 'a', plain: 'b' }, 1],
      [{}, 2],
    ]);
    expect({ ...second!.samples[0]!.labels }).toEqual({ 'label\nname': 'c' });
  });

  it.each([
    '{} 1',
    '{"a" 1',
    '{"a"="b"} 1',
    '{"a"',
    '{"a","b"} 1',
    '{"a',
    '{"a\\x"} 1',
    '# TYPE "a gauge',
    '# TYPE "a"gauge',
  ])('are refused in %j', (line) => {
    expect(() => toEnd(parseExposition(`${line}\n`, 'text'))).toThrow(ExpositionSyntaxError);
  });
});
