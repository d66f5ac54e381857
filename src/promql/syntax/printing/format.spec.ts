import { format } from './format.js';
import { parse } from '../parser/parser.js';

const LONG = 'a_metric_with_a_long_name{job="a-job-with-a-long-name",instance="an-instance-with-a-long-name:9090"}';

describe('format', () => {
  it('keeps up to 100 characters on one line', () => {
    expect(format(parse('sum by(job)(rate(a[5m]))/2'))).toBe('sum by (job) (rate(a[5m])) / 2');
    const exact = `abs(${'a'.repeat(95)})`;
    expect(format(parse(exact))).toBe(exact);
    expect(format(parse(`abs(${'a'.repeat(96)})`))).toBe(`abs(\n  ${'a'.repeat(96)}\n)`);
  });

  it('breaks longer ones at operators, arguments and parentheses', () => {
    const query = `topk(5, (sum by (job) (rate(${LONG}[5m])) / on (job) group_left () -abs(${LONG})) > bool 1)`;
    const written = LONG.replace(/\{(.*),(.*)\}/, '{$2,$1}');
    expect(format(parse(query))).toBe(
      `
topk(
  5,
    (
        sum by (job) (
          rate(
            ${written}[5m]
          )
        )
      / on (job) group_left ()
        -abs(
          ${written}
        )
    )
  > bool
    1
)`.trim(),
    );
  });

  it('keeps the brackets of a subquery at the end of its last line', () => {
    const written = LONG.replace(/\{(.*),(.*)\}/, '{$2,$1}');
    expect(format(parse(`max_over_time(rate(${LONG}[5m])[1h:] offset 1d)`))).toBe(
      `
max_over_time(
  rate(
    ${written}[5m]
  )[1h:] offset 1d
)`.trim(),
    );
  });
});
