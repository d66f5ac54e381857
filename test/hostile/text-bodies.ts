import type { SeededRandom } from '../support/seeded-random.js';
import type { BodyFormat } from './body-format.js';
import { longText, oddText } from './texts.js';

/** Returns an exposition as Prometheus' clients write it. */
function page(random: SeededRandom): string {
  const name = `attacked_page_${random.integer(0, 2_000)}`;
  return (
    `# HELP ${name}_total Help\n# TYPE ${name}_total counter\n${name}_total{a="b\\n",c="${random.integer(0, 100)}"} 3\n` +
    `# TYPE ${name}_h histogram\n${name}_h_bucket{le="1"} 1\n${name}_h_bucket{le="+Inf"} 2\n${name}_h_sum 3\n${name}_h_count 2\n` +
    `${name} -1.5e3\n`
  );
}

export const textPage: BodyFormat = {
  headers: { 'content-type': 'text/plain; version=0.0.4' },
  valid: (random) => Buffer.from(page(random)),
  huge: (random) => {
    const text = longText(random, random.pick([100_000, 1_000_000, 4_000_000])).replaceAll('\n', '\\n');
    return Buffer.from(
      random.pick([
        `${text} 1\n`,
        `a{b="${text}"} 1\n`,
        `a{${text}="b"} 1\n`,
        `a{b="c"} ${text}\n`,
        `a 1 ${text}\n`,
        `# HELP a ${text}\na 1\n`,
        `# TYPE ${text} counter\n`,
        `# TYPE a ${text}\n`,
        `#${text}\n${text}`,
        text,
      ]),
    );
  },
  deep: (random) => {
    const unit = random.pick(['{', '"', '\\', '{"', '{a="', '}', '#', '# ', '\\"']);
    return Buffer.from(`a{b="${unit.repeat(random.pick([10_000, 1_000_000]))}"} 1\n`);
  },
  many: (random) => {
    const count = random.pick([1_000, 8_000, 100_000]);
    const lineOf = random.pick([
      (index: number) => `m${index} 1\n`,
      (index: number) => `# TYPE m${index} counter\n`,
      (index: number) => `# HELP m${index} h\n`,
      (index: number) => `m{a="${index}"} 1\n`,
      () => 'm 1\n',
      () => '\n',
      () => '# \n',
      (index: number) => `h_bucket{le="${index}"} 1\n`,
      (index: number) => `m{${Array.from({ length: 30 }, (_, label) => `l${label}="${index}"`).join(',')}} 1\n`,
    ]);
    const lines = Array.from({ length: count }, (_, index) => lineOf(index)).join('');
    const manyLabels = `m{${Array.from({ length: count }, (_, index) => `l${index}="v"`).join(',')}} 1\n`;
    return Buffer.from((random.isTrue(0.8) ? lines : manyLabels).slice(0, 5_000_000));
  },
  odd: (random) =>
    Buffer.from(
      random.pick([
        `m{a="${oddText(random)}"} ${oddText(random)}\n`,
        `${oddText(random)} 1\n`,
        `m 1 ${oddText(random)}\n`,
        `# TYPE m ${oddText(random)}\nm 1\n`,
        page(random) + page(random),
        `# TYPE h histogram\nh_bucket{le="${oddText(random)}"} 1\n`,
      ]),
    ),
};

/** Returns an expression that requests as much as it can. */
export function costlyExpression(random: SeededRandom): string {
  return random.pick([
    '{__name__=~".+"}',
    '{__name__=~".*.*.*.*x"}',
    '{instance=~"(a|b|ab)*c"}',
    'count by (__name__) ({__name__=~".+"})',
    'sum by (instance, job, path) (rate({__name__=~"stored_.+"}[1h]))',
    'topk(1000000, {__name__=~".+"})',
    'count_values("v", {__name__=~"stored_.+"})',
    'label_replace({__name__=~"stored_.+"}, "x", "$1$1$1$1$1$1$1$1", "instance", "(.*)")',
    'label_join({__name__=~"stored_.+"}, "x", ",", "instance", "path", "instance", "path", "job")',
    'sort_desc({__name__=~"stored_.+"})',
    'quantile by (instance) (0.9, {__name__=~"stored_.+"})',
    'max_over_time(stored_0[30d:1s])',
    'max_over_time(max_over_time(stored_0[1d:1s])[1d:1s])',
    'absent({__name__="nobody"})',
    '{__name__=~"stored_.+"} and on (instance) {__name__=~"stored_.+"}',
    '{__name__=~"stored_.+"} * on (instance) group_left {__name__=~"stored_1"}',
    'stored_0 offset 100y',
    'stored_0 @ 9223372036854775807',
    'vector(1)',
  ]);
}

function form(random: SeededRandom, query: string, others: string): Buffer {
  const now = Math.floor(Date.now() / 1_000);
  const fields = [
    `query=${encodeURIComponent(query.toWellFormed())}`,
    `match[]=${encodeURIComponent(query.toWellFormed())}`,
    `start=${now - 3_600}`,
    `end=${now}`,
    `step=${random.pick(['15', '1m', '1', '0.001'])}`,
  ];
  return Buffer.from(fields.join('&') + others);
}

/** The forms that Grafana and Prometheus' own clients send to the query routes. */
export const queryForm: BodyFormat = {
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  valid: (random) => form(random, 'sum by (job) (rate(stored_0[5m]))', ''),
  huge: (random) => {
    const text = longText(random, random.pick([10_000, 100_000, 1_000_000]));
    const query = random.pick([
      text,
      `{a="${text}"}`,
      `{a=~"${text}"}`,
      `"${text}"`,
      `# ${text}`,
      `sum by (${text}) (a)`,
      `a[${text}]`,
      text.replaceAll(/[^0-9.]/g, '1'),
    ]);
    return form(random, query, random.isTrue(0.3) ? `&step=${text}&time=${text}&timeout=${text}&limit=${text}` : '');
  },
  deep: (random) => {
    const depth = random.pick([100, 10_000, 300_000]);
    const [open, middle, close] = random.pick([
      ['(', '1', ')'],
      ['-', '1', ''],
      ['sum(', 'a', ')'],
      ['1+', '1', ''],
      ['2^', '2', ''],
      ['(', '', ''],
      ['a[', '1m', ']'],
      ['a or ', 'a', ''],
      ['max_over_time(', 'a[1m:1s]', '[1m:1s])'],
    ] as const);
    return form(random, open.repeat(depth) + middle + close.repeat(depth), '');
  },
  many: (random) => {
    const count = random.pick([100, 3_000, 50_000]);
    const list = (unit: string) => Array.from({ length: count }, (_, index) => `${unit}${index}`).join(',');
    const [query, others] = random.pick([
      [`{${Array.from({ length: count }, (_, index) => `l${index}=~".*"`).join(',')}}`, ''],
      [`sum by (${list('l')}) (stored_0)`, ''],
      [`{__name__=~"${list('x').replaceAll(',', '|')}"}`, ''],
      ['a', '&x=1'.repeat(count)],
      ['a', '&match[]=a'.repeat(count)],
      ['a', `&match[]=${encodeURIComponent('{__name__=~".+"}')}`.repeat(Math.min(count, 3_000))],
      [Array.from({ length: count }, () => 'stored_0').join(' or '), ''],
    ] as const);
    return form(random, query, others);
  },
  odd: (random) =>
    form(
      random,
      random.pick([oddText(random), costlyExpression(random)]),
      `&time=${encodeURIComponent(oddText(random).toWellFormed())}`,
    ),
};
