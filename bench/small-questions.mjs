// Small PromQL queries of all kinds, asked on the data of the benchmark of PromQL. Each reads at most ten series.
const ONE_GAUGE = 'queue_length{instance="i00001"}';
const ONE_COUNTER = 'rate(requests_total{instance="i00001"}[5m])';
const GAUGES = 'queue_length{instance=~"i0000[0-9]"}';
const OTHER_GAUGES = 'queue_length{instance=~"i0000[3-7]"}';
const COUNTERS = 'requests_total{instance=~"i0000[0-9]"}';

/** A text has a value at one time only. */
const TEXT = '"text"';

const AGGREGATORS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];
const GROUPINGS = [
  '',
  'by ()',
  'by (job)',
  'by (instance, job)',
  'without ()',
  'without (job)',
  'without (instance, job)',
];
const RANGES = ['15s', '1m', '5m', '15m', '1h'];
const GAUGE_FUNCTIONS = [
  ...['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar', 'last', 'present'].map((name) => `${name}_over_time`),
  'delta',
  'idelta',
  'deriv',
  'changes',
];
const COUNTER_FUNCTIONS = ['rate', 'irate', 'increase', 'resets'];
const NUMBER_FUNCTIONS =
  'abs ceil floor round exp sqrt ln log2 log10 sgn deg rad sort sort_desc sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh timestamp absent'.split(
    ' ',
  );
const TIME_FUNCTIONS = ['minute', 'hour', 'day_of_week', 'day_of_month', 'days_in_month', 'month', 'year'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '<', '>', '<=', '>='];
const OFFSETS = ['1m', '5m', '10m', '-5m'];

/** Returns all queries of one kind, each a combination of the given lists. */
const each = (lists, write) =>
  lists
    .reduce((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map((row) => write(...row));

const OF_ALL_KINDS = [
  GAUGES,
  COUNTERS,
  ONE_GAUGE,
  'queue_length{instance="missing"}',
  '{__name__=~"queue.+", instance="i00001"}',
  ...each([AGGREGATORS, GROUPINGS], (name, grouping) => `${name} ${grouping} (${GAUGES})`),
  ...each(
    [
      ['topk', 'bottomk'],
      [2, 5],
      ['', 'by (job)'],
    ],
    (name, count, by) => `${name} ${by} (${count}, ${GAUGES})`,
  ),
  ...each([[-0.5, 0, 0.5, 0.9, 1, 1.5]], (part) => `quantile(${part}, ${GAUGES})`),
  ...each([GAUGE_FUNCTIONS, RANGES], (name, range) => `${name}(${GAUGES}[${range}])`),
  ...each([COUNTER_FUNCTIONS, RANGES], (name, range) => `${name}(${COUNTERS}[${range}])`),
  ...each([[0.1, 0.5, 0.9], RANGES], (part, range) => `quantile_over_time(${part}, ${GAUGES}[${range}])`),
  ...each(
    [
      ['1m', '15m', '1h'],
      [60, 3600],
    ],
    (range, later) => `predict_linear(${GAUGES}[${range}], ${later})`,
  ),
  ...each([NUMBER_FUNCTIONS], (name) => `${name}(${GAUGES})`),
  ...each([TIME_FUNCTIONS], (name) => `${name}(${GAUGES} * 1e6)`),
  ...each([ARITHMETIC, ['2', `sum(${OTHER_GAUGES})`, '(1 + 2)']], (operator, right) =>
    right.startsWith('sum') ? `sum(${GAUGES}) ${operator} ${right}` : `${GAUGES} ${operator} ${right}`,
  ),
  ...each(
    [ARITHMETIC, ['on (instance)', 'ignoring (job)']],
    (operator, match) => `${GAUGES} ${operator} ${match} ${OTHER_GAUGES}`,
  ),
  ...each([COMPARISONS, ['', 'bool']], (operator, bool) => `${GAUGES} ${operator} ${bool} 500`),
  ...each([COMPARISONS, ['', 'bool']], (operator, bool) => `${GAUGES} ${operator} ${bool} ${OTHER_GAUGES}`),
  ...each(
    [
      ['and', 'or', 'unless'],
      ['', 'on (job)', 'ignoring (instance)'],
    ],
    (operator, match) => `${GAUGES} ${operator} ${match} ${OTHER_GAUGES}`,
  ),
  ...each(
    [
      ['*', '-'],
      ['group_left', 'group_left ()'],
    ],
    (operator, group) => `${GAUGES} ${operator} on (job) ${group} sum by (job) (${OTHER_GAUGES})`,
  ),
  ...each([OFFSETS], (offset) => `${GAUGES} offset ${offset}`),
  ...each([OFFSETS, ['rate', 'increase']], (offset, name) => `${name}(${COUNTERS}[5m] offset ${offset})`),
  ...each(
    [
      ['max_over_time', 'avg_over_time', 'count_over_time'],
      ['10m:1m', '30m:', '5m:10s'],
    ],
    (name, range) => `${name}((rate(${COUNTERS}[5m]))[${range}])`,
  ),
  ...each([['clamp_min', 'clamp_max']], (name) => `${name}(${GAUGES}, 500)`),
  `clamp(${GAUGES}, 100, 900)`,
  `count_values("value", floor(${GAUGES} / 100))`,
  `label_join(${GAUGES}, "both", "-", "instance", "job")`,
  `label_replace(${GAUGES}, "number", "$1", "instance", "i0*(.*)")`,
  `scalar(${ONE_GAUGE})`,
  'vector(1)',
  'time()',
  '1 + 2 * 3',
  TEXT,
  `-${GAUGES}`,
];

/**
 * Returns the small questions in two groups.
 *
 * @param now the end of the data in seconds since the epoch
 */
export function smallQuestions(now) {
  const instant = (query) => ({ path: 'query', parameters: { query, time: now } });
  const range = (query, seconds, step) => ({
    path: 'query_range',
    parameters: { query, start: now - seconds, end: now, step },
  });
  return [
    {
      title: 'one series, an hour: a gauge and rate of a counter, at one time and by 15 s',
      questions: [ONE_GAUGE, ONE_COUNTER].flatMap((query) => [instant(query), range(query, 3_600, 15)]),
    },
    {
      title: 'of all kinds, over at most ten series, ten minutes by 10 s',
      questions: OF_ALL_KINDS.map((query) => (query === TEXT ? instant(query) : range(query, 600, 10))),
    },
  ];
}
